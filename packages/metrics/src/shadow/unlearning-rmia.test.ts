import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import { expect, test } from "vitest";
import { table } from "../fixtures/table.ts";
import { roc } from "../membership/roc.ts";
import { planShadows, type PlannedModel } from "./plan.ts";
import { rmiaScores } from "./rmia.ts";
import { rolesOfRuns } from "./roles.ts";
import type { RunsWithPopulation } from "./runs-outside.ts";
import { rmiaRecords } from "./unlearning-rmia-records.ts";
import { unlearningRmia, type UnlearningRmia, type UnlearningRmiaInput } from "./unlearning-rmia.ts";

interface Effect {
  readonly forgotten: number;
  readonly retained: number;
}

type Side = RunsWithPopulation & ReturnType<typeof rolesOfRuns>;

const plan = planShadows({ poolSize: 80, models: 12, targets: 8, forgetSets: 2, forgetSize: 15, seed: 3 });
const width = 70;

/** Margins with a level per sample, noise per run, and what the run did with the sample; the population is like samples that were never seen. */
function side(role: PlannedModel["role"], seed: string, effect: Effect): Side {
  const roles = rolesOfRuns(plan, role);
  const runs = roles.drawOfRun.length;
  const samples = plan.attacked.length;
  const random = createRandom(`${seed} ${role}`);
  const level = createRandom(`${seed} level`);
  const levels = Array.from({ length: samples + width }, () => 2 * level.normal());
  const phi = table(runs, samples, (run, sample) => {
    const i = run * samples + sample;
    const trace = roles.forgotten.values[i] === 1 ? effect.forgotten : roles.neverSeen.values[i] === 1 ? 0 : effect.retained;
    return levels[sample] + trace + random.normal();
  });
  return { phi, ...roles, population: table(runs, width, (_, z) => levels[samples + z] + random.normal()) };
}

function world(seed: string, effect: Effect): { readonly shadows: Side; readonly targets: Side } {
  return { shadows: side("shadow", seed, effect), targets: side("target", seed, effect) };
}

const perfect: Effect = { forgotten: 0, retained: 5 };

/** The attack as its description says it, one comparison at a time. */
function plainTwin({ shadows, targets }: UnlearningRmiaInput) {
  const [, samples] = shadows.phi.shape;
  const p = (phi: number) => Math.exp(phi) / (1 + Math.exp(phi));
  const draw = (from: RunsWithPopulation, run: number) => from.drawOfRun![run];
  const score = (victim: RunsWithPopulation, run: number, x: number, a: number, draws: (draw: number) => boolean) => {
    const references = Array.from({ length: shadows.phi.shape[0] }, (_, r) => r).filter(
      (r) => shadows.neverSeen.values[r * samples + x] === 1 && draws(draw(shadows, r)),
    );
    const prior = (of: (r: number) => number) => ((1 + a) * (references.reduce((sum, r) => sum + of(r), 0) / references.length) + 1 - a) / 2;
    const ratioX = p(victim.phi.values[run * samples + x]) / prior((r) => p(shadows.phi.values[r * samples + x]));
    let beaten = 0;
    for (let z = 0; z < width; z++) {
      const ratioZ = p(victim.population.values[run * width + z]) / prior((r) => p(shadows.population.values[r * width + z]));
      if (ratioX / ratioZ > 1) beaten++;
    }
    return beaten / width;
  };
  const cases = (victim: RunsWithPopulation) =>
    Array.from(victim.phi.values, (_, i) => ({ i, run: Math.floor(i / samples), x: i % samples })).filter(
      ({ i }) => victim.forgotten.values[i] + victim.neverSeen.values[i] === 1,
    );
  const rehearsals = Array.from({ length: 11 }, (_, tenths) => {
    const scored = cases(shadows).map((each) => ({
      ...each,
      score: score(shadows, each.run, each.x, tenths / 10, (other) => other !== draw(shadows, each.run)),
    }));
    const of = (mask: HostTensor) => scored.filter(({ i }) => mask.values[i] === 1).map((each) => each.score);
    return { a: tenths / 10, auc: roc({ members: of(shadows.forgotten), nonMembers: of(shadows.neverSeen) })!.auc };
  });
  const { a, auc } = rehearsals.reduce((best, each) => (each.auc > best.auc ? each : best));
  return { a, auc, scores: cases(targets).map(({ i, run, x }) => ({ i, score: score(targets, run, x, a, () => true) })) };
}

const near = (value: number | null, expected: number, distance: number) => expect(Math.abs((value ?? NaN) - expected)).toBeLessThan(distance);
const numbersOf = ({ a, threshold, accuracy, accuracyInterval, auc, tprAtFpr1Percent, cases }: UnlearningRmia) => {
  return { a, threshold, accuracy, accuracyInterval, auc, tprAtFpr1Percent, cases };
};

test("is what its formula says, one comparison at a time", () => {
  const input = world("twin", { forgotten: 1, retained: 4 });
  const { a, rehearsalAuc, scores } = unlearningRmia(input);
  const twin = plainTwin(input);
  expect([a, rehearsalAuc]).toEqual([twin.a, twin.auc]);
  expect(twin.scores.length).toBe(16 * 15 + 16 * 30);
  for (const { i, score } of twin.scores) expect(scores.values[i]).toBe(score);
  expect(Array.from(scores.values).filter(Number.isNaN).length).toBe(scores.values.length - twin.scores.length);
});

test("is RMIA with the runs that never saw a sample as references", () => {
  const { shadows, targets } = world("references", { forgotten: 1, retained: 4 });
  const { a, scores } = unlearningRmia({ shadows, targets });
  const samples = plan.attacked.length;
  const probability = (phi: number) => 1 / (1 + Math.exp(-phi));
  for (const [run, x] of [
    [0, 3],
    [5, 20],
    [15, 59],
  ]) {
    const references = Array.from(shadows.drawOfRun.keys()).filter((r) => shadows.neverSeen.values[r * samples + x] === 1);
    const score = rmiaScores(
      {
        samples: {
          target: [probability(targets.phi.values[run * samples + x])],
          references: table(references.length, 1, (r) => probability(shadows.phi.values[references[r] * samples + x])),
          members: table(references.length, 1, () => 0),
        },
        population: {
          target: Array.from({ length: width }, (_, z) => probability(targets.population.values[run * width + z])),
          references: table(references.length, width, (r, z) => probability(shadows.population.values[references[r] * width + z])),
        },
      },
      { prior: { kind: "offline", a } },
    )[0];
    const role = targets.forgotten.values[run * samples + x] + targets.neverSeen.values[run * samples + x];
    expect(scores.values[run * samples + x]).toEqual(role === 1 ? score : NaN);
  }
});

test("perfect unlearning gives one half on average, within the interval as often as it says, whatever it does to what is kept", () => {
  const audits = Array.from({ length: 40 }, (_, audit) => unlearningRmia(world(`nothing ${audit}`, perfect)));
  for (const value of ["accuracy", "auc"] as const) {
    const values = audits.map((audit) => audit[value]!);
    const average = values.reduce((sum, each) => sum + each, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, each) => sum + (each - average) ** 2, 0) / (values.length - 1));
    near(average, 0.5, (3 * spread) / Math.sqrt(values.length));
    expect(spread).toBeLessThan(0.05);
  }
  const covered = audits.filter(({ accuracyInterval: interval }) => interval!.lower <= 0.5 && interval!.upper >= 0.5).length / audits.length;
  // 95% within three binomial standard errors.
  near(covered, 0.95, 3 * Math.sqrt((0.95 * 0.05) / audits.length));
});

test("a planted leak is found in every case", () => {
  const { shadows, targets } = world("leak", { forgotten: 30, retained: 30 });
  // Where p is 1 without the trace there is nothing to see.
  const hard = (from: Side): Side => ({ ...from, phi: { ...from.phi, values: from.phi.values.map((value: number) => value - 12) } });
  const found = unlearningRmia({ shadows: hard(shadows), targets: hard(targets) });
  expect(found).toMatchObject({ accuracy: 1, auc: 1, tprAtFpr1Percent: 1, tprAtFpr01Percent: 1, accuracyInterval: { lower: 1, upper: 1 } });
  expect(found.accuracyPerSample).toEqual(Array(60).fill(1));
});

test("what stands out by being less likely than never seen gives an AUC below one half", () => {
  const { auc, threshold } = unlearningRmia(world("less", { forgotten: -3, retained: 4 }));
  expect(auc).toBeLessThan(0.25);
  expect(threshold).toBeGreaterThan(0);
});

test("the order of runs, of samples and of the population does not matter", () => {
  const { shadows, targets } = world("order", { forgotten: 1, retained: 4 });
  const shuffled = (from: Side, seed: string): Side => {
    const random = createRandom(seed);
    const [runs, samples] = from.phi.shape;
    const [order, columns, others] = [random.permutation(runs), createRandom("columns").permutation(samples), createRandom("z").permutation(width)];
    const own = ({ values }: HostTensor) => table(runs, samples, (run, sample) => values[order[run] * samples + columns[sample]]);
    return {
      phi: own(from.phi),
      forgotten: own(from.forgotten),
      neverSeen: own(from.neverSeen),
      retained: own(from.retained),
      drawOfRun: from.drawOfRun.map((_, run) => from.drawOfRun[order[run]]),
      population: table(runs, width, (run, z) => from.population.values[order[run] * width + others[z]]),
    };
  };
  const before = numbersOf(unlearningRmia({ shadows, targets }));
  const after = numbersOf(unlearningRmia({ shadows: shuffled(shadows, "a"), targets: shuffled(targets, "b") }));
  for (const bound of ["lower", "upper"] as const) near(after.accuracyInterval![bound], before.accuracyInterval![bound], 1e-12);
  near(after.accuracy, before.accuracy!, 1e-12);
  expect({ ...after, accuracy: 0, accuracyInterval: null }).toEqual({ ...before, accuracy: 0, accuracyInterval: null });
});

test("targets have no part in what is rehearsed, and runs that knew a sample none in its references", () => {
  const { shadows, targets } = world("apart", { forgotten: 1, retained: 4 });
  const before = unlearningRmia({ shadows, targets });
  const other = side("target", "others", { forgotten: -4, retained: 0 });
  const chosen = ({ a, threshold, rehearsalAuc }: UnlearningRmia) => ({ a, threshold, rehearsalAuc });
  expect(chosen(unlearningRmia({ shadows, targets: other }))).toEqual(chosen(before));
  const phi = { ...shadows.phi, values: shadows.phi.values.map((value: number, i: number) => (shadows.retained.values[i] === 1 ? -value : value)) };
  expect(unlearningRmia({ shadows: { ...shadows, phi }, targets })).toEqual(before);
});

test("constant output looks perfectly unlearned, and the utility guard says why", () => {
  const constant = (role: PlannedModel["role"]): Side => {
    const roles = rolesOfRuns(plan, role);
    const runs = roles.drawOfRun.length;
    return { phi: table(runs, 60, () => -2.2), ...roles, population: table(runs, width, () => -2.2) };
  };
  const attack = unlearningRmia({ shadows: constant("shadow"), targets: constant("target") });
  expect(attack).toMatchObject({ accuracy: 0.5, auc: 0.5, threshold: Infinity, accuracyInterval: { lower: 0.5, upper: 0.5 } });
  const flagged = rmiaRecords({ attack, utility: [{ accuracy: 0.1, reference: 0.9, majority: 0.1 }] });
  expect(flagged.map(({ flags }) => flags[0].code)).toEqual(Array(4).fill("utility-lost"));
});

test("the control's values become the targets, and the records are plain JSON", () => {
  const attack = unlearningRmia(world("records", { forgotten: 2, retained: 5 }));
  const control = unlearningRmia(world("records control", perfect));
  const records = rmiaRecords({ attack, control });
  expect(records.map(({ name }) => name)).toEqual(
    ["accuracy", "auc", "tpr-at-1-percent-fpr", "tpr-at-0.1-percent-fpr"].map((name) => `unlearning-rmia-${name}`),
  );
  const values = (of: UnlearningRmia) => [of.accuracy, of.auc, of.tprAtFpr1Percent, of.tprAtFpr01Percent];
  expect(records.map(({ value }) => value)).toEqual(values(attack));
  expect(records.map(({ target }) => target)).toEqual(values(control));
  expect(rmiaRecords({ attack }).map(({ target }) => target)).toEqual([0.5, 0.5, 0.01, 0.001]);
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
});

test("what cannot be is refused", () => {
  const { shadows, targets } = world("refused", perfect);
  const refused = (change: Partial<UnlearningRmiaInput>, code: string) => {
    expect(() => unlearningRmia({ shadows, targets, ...change })).toThrow(expect.toSatisfy((error) => isLetheError(error) && error.code === code));
  };
  refused({ targets: { ...targets, population: table(16, width - 1, () => 0) } }, "metrics/shape-mismatch");
  refused({ targets: { ...targets, population: table(15, width, () => 0) } }, "metrics/shape-mismatch");
  refused({ shadows: { ...shadows, population: table(24, 0, () => 0) } }, "metrics/shape-mismatch");
  refused({ shadows: { ...shadows, drawOfRun: [1] } }, "metrics/shape-mismatch");
  refused({ shadows: { ...shadows, neverSeen: shadows.forgotten } }, "metrics/bad-mask");
  refused({ shadows: { ...shadows, population: table(24, width, () => NaN) } }, "metrics/non-finite-score");
  refused({ shadows: { ...shadows, drawOfRun: shadows.drawOfRun.map(() => 0) } }, "metrics/too-few-models");
  refused({ shadows: { ...shadows, forgotten: table(24, 60, () => 0) } }, "metrics/too-few-models");
  refused({ ratio: 0 }, "metrics/bad-argument");
});
