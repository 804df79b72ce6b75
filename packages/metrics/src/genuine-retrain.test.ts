import { createRandom, subset, type Dataset, type HostTensor } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { result } from "./fixtures/models.ts";
import { allBut, clouds, trainedLogits } from "./fixtures/trained.ts";
import {
  evaluate,
  fitLira,
  klom,
  klomFloor,
  liraScores,
  margin,
  membersOfModels,
  planShadows,
  rolesOfRuns,
  roc,
  splitByMembership,
  uLira,
  unlearningRmia,
  type Evaluation,
  type PlannedModel,
  type SetLogits,
} from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** A metric that fails a model which really was retrained is broken or too strict. */
describe("a genuine retrain, held out, goes through every metric as if it were a method's result", () => {
  const data = clouds("training set", 240, 0.4);
  const unseen = clouds("test set", 240, 0.4);
  const forgotten = createRandom("forget set").sample(data.size, 60);
  const [forget, retain] = [subset(data, forgotten), allBut(data, forgotten)];
  let evaluations: Evaluation[];

  const model = async (train: Dataset, seed: string): Promise<SetLogits> => {
    const [onRetain, onForget, onTest] = await trainedLogits(train, seed, [retain, forget, unseen]);
    return { retain: onRetain, forget: onForget, test: onTest };
  };

  beforeAll(async () => {
    const labels = { retain: retain.labels, forget: forget.labels, test: unseen.labels };
    const original = await model(data, "original");
    const retrained: SetLogits[] = [];
    for (let k = 0; k < 6; k++) retrained.push(await model(retain, `retrained ${k}`));
    const untrained: HostTensor[] = [];
    for (let k = 0; k < 5; k++) untrained.push(...(await trainedLogits(retain, `untrained ${k}`, [forget], 0)));
    evaluations = retrained.map((unlearned, k) =>
      evaluate({ labels, original, unlearned, oracles: retrained.filter((_, other) => other !== k), untrained }),
    );
  });

  test("each of six retrains, against the five others: nine verdicts in ten within the band, over all of them", () => {
    const verdicts = evaluations.flatMap(({ unlearned }) => unlearned.metrics.map(({ verdict }) => verdict));
    expect(evaluations[0].unlearned.metrics.length).toBeGreaterThan(30);
    expect(verdicts.filter((verdict) => verdict === "within oracle band").length / verdicts.length).toBeGreaterThanOrEqual(0.9);
  });

  test("one held out: nine verdicts in ten within the band, nothing lost, and no majority that calls it under- or over-forgotten", () => {
    const { metrics, flags } = evaluations[0].unlearned;
    const share = (wanted: string) => metrics.filter(({ verdict }) => verdict === wanted).length / metrics.length;
    expect(share("within oracle band")).toBeGreaterThanOrEqual(0.9);
    const forgetting = metrics.filter(({ direction }) => direction === "match oracles");
    for (const wrong of ["under-forgotten", "over-forgotten"]) {
      expect(forgetting.filter(({ verdict }) => verdict === wrong).length).toBeLessThan(forgetting.length / 4);
    }
    expect(flags.map(({ code }) => code)).not.toContain("utility-lost");
    expect(evaluations[0].flags).toEqual([]);
  });

  test("the same metrics find out the original, so that passing means something", () => {
    const { doNothing } = evaluations[0];
    expect(result(doNothing, "forget-accuracy").verdict).toBe("under-forgotten");
    expect(result(doNothing, "loss-attack-auc").verdict).toBe("under-forgotten");
    expect(result(doNothing, "js-divergence-forget").verdict).toBe("different from retrained");
    expect(doNothing.flags.map(({ code }) => code)).toContain("under-forgotten");
  });
});

describe("audits over many really trained models", () => {
  const pool = clouds("pool", 160, 0.5);
  const plan = planShadows({ poolSize: pool.size, models: 24, targets: 8, forgetSets: 2, forgetSize: 20, seed: "audit" });
  const attacked = subset(pool, plan.attacked);
  const count = plan.attacked.length;
  const population = clouds("population", 200, 0.5);

  interface Margins {
    readonly attacked: Float64Array;
    readonly population: Float64Array;
  }

  /** Under each model as trained, and under each run with retraining in the place of unlearning. */
  const original: Margins[] = [];
  const retrained: Margins[][] = [];

  beforeAll(async () => {
    const margins = async (train: Dataset, seed: string): Promise<Margins> => {
      const [onAttacked, onPopulation] = await trainedLogits(train, seed, [attacked, population]);
      return { attacked: margin(onAttacked, attacked.labels), population: margin(onPopulation, population.labels) };
    };
    for (const [m, { members, forgetSets }] of plan.models.entries()) {
      original.push(await margins(subset(pool, members), `model ${m}`));
      const runs: Margins[] = [];
      for (const [r, forgetSet] of forgetSets.entries()) {
        const kept = members.filter((position) => !forgetSet.includes(position));
        runs.push(await margins(subset(pool, kept), `model ${m} without ${r}`));
      }
      retrained.push(runs);
    }
  });

  const stack = (rows: readonly Float64Array[]): HostTensor => ({
    shape: [rows.length, rows[0].length],
    values: Float64Array.from(rows.flatMap((row) => [...row])),
  });
  const modelsOf = (role: PlannedModel["role"]) => plan.models.flatMap((model, m) => (model.role === role ? [m] : []));
  const attacks = { "U-LiRA": uLira, RMIA: unlearningRmia };
  const attack = (name: keyof typeof attacks, runsOf: (model: number) => readonly Margins[]) => {
    const scores = (role: PlannedModel["role"]) => {
      const runs = modelsOf(role).flatMap(runsOf);
      return { phi: stack(runs.map((run) => run.attacked)), population: stack(runs.map((run) => run.population)), ...rolesOfRuns(plan, role) };
    };
    return attacks[name]({ shadows: scores("shadow"), targets: scores("target") });
  };
  const both = Object.keys(attacks) as (keyof typeof attacks)[];

  test.each(both)("%s with retraining as the method: one half lies within the interval", (name) => {
    const { accuracy, auc, accuracyInterval } = attack(name, (m) => retrained[m]);
    expect(Math.abs((accuracy ?? NaN) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs((auc ?? NaN) - 0.5)).toBeLessThan(0.05);
    expect(accuracyInterval?.lower).toBeLessThanOrEqual(0.5);
    expect(accuracyInterval?.upper).toBeGreaterThanOrEqual(0.5);
  });

  test.each(both)("%s with doing nothing as the method: a memorised sample is found, and one half is below the interval", (name) => {
    const { accuracy, accuracyInterval } = attack(name, (m) => [original[m], original[m]]);
    expect(accuracy).toBeGreaterThan(0.65);
    expect(accuracyInterval?.lower).toBeGreaterThan(0.6);
  });

  test("LiRA finds members of models that memorise", () => {
    const phi = (role: PlannedModel["role"]) => stack(modelsOf(role).map((m) => original[m].attacked));
    const lira = fitLira({ phi: phi("shadow"), members: membersOfModels(plan, "shadow") });
    const scores = liraScores(lira, phi("target"));
    expect(roc(splitByMembership(scores, membersOfModels(plan, "target")))?.auc).toBeGreaterThan(0.7);
  });

  test("KLoM of doing nothing is above its floor, that of genuine retrains is on it", () => {
    const members = membersOfModels(plan, "shadow").values;
    const shadows = modelsOf("shadow");
    /** Margins of each sample under the models that had it, or under those that never saw it: 12 of either. */
    const those = (kind: number): HostTensor => {
      const columns = Array.from({ length: count }, (_, j) =>
        shadows.filter((_, row) => members[row * count + j] === kind).map((m) => original[m].attacked[j]),
      );
      const rows = columns[0].map((_, row) => Float64Array.from(columns, (column) => column[row]));
      return stack(rows);
    };
    const rows = (scores: HostTensor, from: number, to: number): HostTensor => ({
      shape: [to - from, count],
      values: (scores.values as Float64Array).slice(from * count, to * count),
    });
    const never = those(0);
    const floor = klomFloor(never, { seed: 1 });
    expect(floor.modelsPerSide).toBe(6);
    const nothing = klom({ oracle: rows(never, 0, 6), unlearned: rows(those(1), 0, 6) });
    const genuine = klom({ oracle: rows(never, 0, 6), unlearned: rows(never, 6, 12) });
    expect(nothing.mean).toBeGreaterThan(Math.max(...floor.values));
    const spread = Math.max(...floor.values) - Math.min(...floor.values);
    expect(Math.abs((genuine.mean ?? NaN) - (floor.mean ?? NaN))).toBeLessThanOrEqual(spread);
  });
});
