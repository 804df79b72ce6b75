import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { table } from "../fixtures/table.ts";
import { roc } from "../membership/roc.ts";
import { tuneRmia } from "./rmia-tuning.ts";
import { rmiaScores, type RmiaInput } from "./rmia.ts";

interface Case {
  name: string;
  population: number;
  runs: { num_reference_models: number | null; reference_columns: number[]; offline_a: number; scores: number[]; auc: number }[];
  tune_offline_a: { offline_a: number; reference_columns: number[]; paired_model: number; auc_of_paired_attack: number };
}

describe.each(readJson<Case[]>("rmia.json"))("golden numbers: $name", (expected) => {
  const tensors = readTensors("rmia.safetensors");
  /** Columns of a `[samples, models]` tensor as `[models, samples]`. */
  const columns = (name: string, chosen: number[]): HostTensor => {
    const { shape, values } = tensors[`${expected.name}/${name}`];
    return table(chosen.length, shape[0], (model, sample) => values[sample * shape[1] + chosen[model]]);
  };
  const input = (target: number, references: number[]): RmiaInput => ({
    samples: { target: columns("signals", [target]).values, references: columns("signals", references), members: columns("memberships", references) },
    population: { target: columns("population", [target]).values, references: columns("population", references) },
  });
  const aucOf = (scores: Float64Array, model: number) => {
    const members = columns("memberships", [model]).values;
    return roc({ members: scores.filter((_, i) => members[i] === 1), nonMembers: scores.filter((_, i) => members[i] === 0) })?.auc ?? NaN;
  };

  test("as ML Privacy Meter computes it, at every number of kept probabilities", () => {
    expect(expected.runs.length).toBeGreaterThan(5);
    for (const { num_reference_models, reference_columns, offline_a, scores, auc } of expected.runs) {
      const kept = num_reference_models ?? Math.max(1, reference_columns.length >> 1);
      const found = rmiaScores(input(0, reference_columns), { prior: { kind: "privacy-meter", a: offline_a, kept } });
      found.forEach((score, i) => expect(Math.abs(score - scores[i])).toBeLessThan(1e-12));
      expect(Math.abs(aucOf(found, 0) - auc)).toBeLessThan(1e-12);
    }
  });

  test("its tuning of a", () => {
    const { paired_model, reference_columns, offline_a, auc_of_paired_attack } = expected.tune_offline_a;
    // The tool compares the rehearsed model's samples with the population under the *real* target.
    const { population } = input(0, reference_columns);
    const rehearsal = { ...input(paired_model, reference_columns), population, targetMembers: columns("memberships", [paired_model]).values };
    const tuned = tuneRmia(rehearsal, "privacy-meter");
    expect(tuned?.a).toBeCloseTo(offline_a, 12);
    expect(tuned?.auc).toBeCloseTo(auc_of_paired_attack, 12);
  });

  test("with one reference, OUT for every sample, the corrected form is the tool's", () => {
    const { samples, population } = input(0, [expected.runs[0].reference_columns[0]]);
    const allOut = { ...samples, members: table(1, samples.target.length, () => 0) };
    for (const a of [0, 0.3, 1]) {
      const corrected = rmiaScores({ samples: allOut, population }, { prior: { kind: "offline", a } });
      expect(corrected).toEqual(rmiaScores({ samples: allOut, population }, { prior: { kind: "privacy-meter", a, kept: 1 } }));
    }
  });
});

/** Probabilities whose logit rises by `leak` for members; half of the references are IN. */
function world(seed: number | string, leak: number, references = 8) {
  const random = createRandom(seed);
  const count = 300;
  const level = Array.from({ length: 2 * count }, () => 1.5 * random.normal());
  const probability = (sample: number, member: number) => 1 / (1 + Math.exp(-(level[sample] + leak * member + 0.3 * random.normal())));
  const members = table(references, count, (model, sample) => (model + sample) % 2);
  const targetMembers = Array.from({ length: count }, (_, i) => i % 2);
  const samples = {
    target: targetMembers.map((member, i) => probability(i, member)),
    references: table(references, count, (model, sample) => probability(sample, (model + sample) % 2)),
    members,
  };
  const population = {
    target: targetMembers.map((_, i) => probability(count + i, 0)),
    references: table(references, count, (_, sample) => probability(count + sample, 0)),
  };
  return { samples, population, targetMembers };
}

const aucOf = (scores: Float64Array, members: number[]) =>
  roc({ members: scores.filter((_, i) => members[i] === 1), nonMembers: scores.filter((_, i) => members[i] === 0) })?.auc ?? NaN;

test("no leak gives an AUC near 0.5, a leak a large one, online and offline", () => {
  for (const prior of [{ kind: "online" }, { kind: "offline", a: 0.5 }] as const) {
    const nothing = world("no leak", 0);
    expect(Math.abs(aucOf(rmiaScores(nothing, { prior }), nothing.targetMembers) - 0.5)).toBeLessThan(0.14);
    const much = world("leak", 1.5);
    expect(aucOf(rmiaScores(much, { prior }), much.targetMembers)).toBeGreaterThan(0.9);
  }
});

test("samples that behave like the population score uniformly, which the tool's own form does not", () => {
  // All references are OUT for half of the samples only, so that the tool keeps the largest probabilities on one side alone.
  const { samples, population } = world("calibration", 0, 4);
  const meanOf = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(Math.abs(meanOf(rmiaScores({ samples, population }, { prior: { kind: "offline", a: 1 } })) - 0.5)).toBeLessThan(0.08);
  expect(meanOf(rmiaScores({ samples, population }, { prior: { kind: "privacy-meter", a: 1, kept: 2 } }))).toBeGreaterThan(0.58);
});

test("the mean over OUT references is theirs alone, however many there are", () => {
  const samples = {
    target: [0.5],
    references: table(3, 1, (model) => [0.2, 0.4, 0.9][model]),
    members: table(3, 1, (model) => (model === 2 ? 1 : 0)),
  };
  const score = (zReference: number, prior: Parameters<typeof rmiaScores>[1]["prior"]) =>
    rmiaScores({ samples, population: { target: [0.5], references: table(3, 1, () => zReference) } }, { prior })[0];
  // p(x) = 0.3 offline and (0.3 + 0.9) / 2 online; x wins as long as p(z) is larger.
  expect(score(0.31, { kind: "offline", a: 1 })).toBe(1);
  expect(score(0.29, { kind: "offline", a: 1 })).toBe(0);
  expect(score(0.61, { kind: "online" })).toBe(1);
  expect(score(0.59, { kind: "online" })).toBe(0);
});

test("tuning finds an a that is at least as good as any other, on the rehearsed model", () => {
  const rehearsal = world("tuning", 1);
  const tuned = tuneRmia(rehearsal);
  for (const a of [0, 0.2, 0.7, 1]) {
    expect(tuned?.auc).toBeGreaterThanOrEqual(aucOf(rmiaScores(rehearsal, { prior: { kind: "offline", a } }), rehearsal.targetMembers));
  }
  expect(tuneRmia({ ...rehearsal, targetMembers: rehearsal.targetMembers.map(() => 1) })).toBeNull();
});

test("scores are shares of the population, and fall as gamma rises", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, a) => {
      const input = world(seed, 1, 2);
      const strict = rmiaScores(input, { prior: { kind: "offline", a }, ratio: 1.5 });
      rmiaScores(input, { prior: { kind: "offline", a } }).forEach((score, i) => {
        expect(Number.isInteger(Math.round(score * 300 * 1e6) / 1e6)).toBe(true);
        expect(strict[i]).toBeLessThanOrEqual(score);
      });
    }),
    { numRuns: 20 },
  );
});

test("what cannot be is refused", () => {
  const { samples, population } = world("refused", 1);
  const thrown = (input: RmiaInput, prior: Parameters<typeof rmiaScores>[1]["prior"]) => {
    try {
      rmiaScores(input, { prior });
    } catch (error) {
      return isLetheError(error) ? error.code : error;
    }
    return "nothing";
  };
  const members = (value: number) => ({ ...samples, members: table(8, 300, () => value) });
  expect(thrown({ samples, population }, { kind: "offline", a: 1.1 })).toBe("metrics/bad-argument");
  expect(thrown({ samples: members(1), population }, { kind: "offline", a: 1 })).toBe("metrics/too-few-models");
  expect(thrown({ samples: members(0), population }, { kind: "online" })).toBe("metrics/too-few-models");
  expect(thrown({ samples, population: { target: [0.5], references: table(7, 1, () => 0.5) } }, { kind: "online" })).toBe("metrics/shape-mismatch");
  expect(thrown({ samples: { ...samples, target: samples.target.map((p) => 9 * p) }, population }, { kind: "online" })).toBe(
    "metrics/not-a-probability",
  );
});
