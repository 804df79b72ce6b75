import { createRandom, isLetheError, type HostTensor, type Random } from "@lethe/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { table } from "../fixtures/table.ts";
import { roc, tprAtFpr, type Roc } from "../membership/roc.ts";
import { attackRecords } from "./attack-records.ts";
import { fitLira, liraScores, offlineLiraScores, splitByMembership } from "./lira.ts";
import { normalCdf } from "./normal-distribution.ts";

const curveOf = (scores: HostTensor, members: HostTensor) => roc(splitByMembership(scores, members)) as Roc;
const code = (expected: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === expected);

interface Roc1 {
  auc: number;
  tpr_at_fpr_0_01: { fpr_le: number };
  tpr_at_fpr_0_001: { fpr_le: number };
}
interface Case {
  name: string;
  sigma_floor: number;
  pooled_sigma_in: number;
  pooled_sigma_out: number;
  per_sample_variance: Roc1;
  pooled_variance: Roc1;
  offline_one_sided: Roc1;
}

describe.each(readJson<Case[]>("lira.json"))("golden numbers: $name", (expected) => {
  const tensors = readTensors("lira.safetensors");
  const read = (name: string) => tensors[`${expected.name}/${name}`];
  const shadows = { phi: read("phi_shadow"), members: read("in_mask") };
  const fit = (variance: "per-sample" | "pooled") => fitLira(shadows, { variance, smallestSigma: expected.sigma_floor });
  const agree = (scores: HostTensor, golden: string, curve: Roc1) => {
    const wanted = read(golden).values;
    const errors = Array.from(scores.values, (score, i) => Math.abs(score - wanted[i]) / Math.max(Math.abs(wanted[i]), 1e-300));
    expect(errors).toHaveLength(wanted.length);
    expect(Math.max(...errors)).toBeLessThan(1e-8);
    const found = curveOf(scores, read("target_member"));
    expect(Math.abs(found.auc - curve.auc)).toBeLessThan(1e-12);
    expect(tprAtFpr(found, 0.01)).toBe(curve.tpr_at_fpr_0_01.fpr_le);
    expect(tprAtFpr(found, 0.001)).toBe(curve.tpr_at_fpr_0_001.fpr_le);
  };

  test("online, each sample's own variance", () => {
    agree(liraScores(fit("per-sample"), read("phi_target")), "score_per_sample_variance", expected.per_sample_variance);
  });

  test("online, pooled variance", () => {
    const lira = fit("pooled");
    expect(lira.members.sigma[0]).toBeCloseTo(expected.pooled_sigma_in, 12);
    expect(lira.nonMembers.sigma[0]).toBeCloseTo(expected.pooled_sigma_out, 12);
    agree(liraScores(lira, read("phi_target")), "score_pooled_variance", expected.pooled_variance);
  });

  test("offline", () => {
    agree(offlineLiraScores(fit("per-sample").nonMembers, read("phi_target")), "score_offline_one_sided", expected.offline_one_sided);
  });
});

test("Phi agrees with known values far into the tail", () => {
  // Mathematical tables, 16 digits.
  const known: [number, number][] = [
    [0, 0.5],
    [-1, 0.15865525393145707],
    [-1.959963984540054, 0.025],
    [-5, 2.866515718791939e-7],
    [-10, 7.619853024160527e-24],
    [-37, 5.725571222524577e-300],
    [1, 0.8413447460685429],
    [9, 1],
  ];
  for (const [z, p] of known) expect(Math.abs(normalCdf(z) / p - 1)).toBeLessThan(1e-12);
  expect(Math.abs(normalCdf(-2) / normalCdf(-1.9999999999999998) - 1)).toBeLessThan(1e-12);
});

/** Shadow and target scores of independent samples: IN with mean d, OUT with mean 0, sigma 1 both; every sample has a level of its own. */
function gaussianWorld(random: Random, models: number, samples: number, d: number) {
  const level = Array.from({ length: samples }, () => 5 * random.normal());
  const draw = (count: number) => {
    const members = table(count, samples, (model, sample) => (model + sample) % 2);
    return { members, phi: table(count, samples, (model, sample) => level[sample] + d * ((model + sample) % 2) + random.normal()) };
  };
  return { shadows: draw(models), targets: draw(4) };
}

test("two Gaussians a distance d apart give an AUC of Phi(d / sqrt 2)", () => {
  for (const d of [0, 1, 2]) {
    const { shadows, targets } = gaussianWorld(createRandom(`lira ${d}`), 128, 800, d);
    const auc = curveOf(liraScores(fitLira(shadows, { variance: "pooled" }), targets.phi), targets.members).auc;
    const offline = curveOf(offlineLiraScores(fitLira(shadows, { variance: "pooled" }).nonMembers, targets.phi), targets.members).auc;
    // Five standard errors at 3200 cases, and a little for the estimated means.
    expect(Math.abs(auc - normalCdf(d / Math.SQRT2))).toBeLessThan(0.055);
    expect(Math.abs(offline - normalCdf(d / Math.SQRT2))).toBeLessThan(0.055);
  }
});

test("a difference in spread alone is seen online, thanks to the log sigma terms, and not offline", () => {
  const random = createRandom("spread");
  const members = table(64, 400, (model, sample) => (model + sample) % 2);
  const phi = table(64, 400, (model, sample) => ((model + sample) % 2 === 1 ? 0.2 : 1) * random.normal());
  const targets = {
    members: table(4, 400, (model, sample) => (model + sample) % 2),
    phi: table(4, 400, (model, sample) => ((model + sample) % 2 === 1 ? 0.2 : 1) * random.normal()),
  };
  const lira = fitLira({ phi, members });
  expect(lira.variance).toBe("per-sample");
  expect(curveOf(liraScores(lira, targets.phi), targets.members).auc).toBeGreaterThan(0.8);
  expect(Math.abs(curveOf(offlineLiraScores(lira.nonMembers, targets.phi), targets.members).auc - 0.5)).toBeLessThan(0.06);
});

test("few models pool their variance, many do not", () => {
  const build = (models: number) => gaussianWorld(createRandom(1), models, 5, 1).shadows;
  expect(fitLira(build(62)).variance).toBe("pooled");
  expect(fitLira(build(64)).variance).toBe("per-sample");
});

test("scores follow a permutation of samples, and a shift or a scale common to all models changes no order", () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.1, max: 10, noNaN: true }), fc.double({ min: -50, max: 50, noNaN: true }), (seed, scale, shift) => {
      const random = createRandom(seed);
      const { shadows, targets } = gaussianWorld(random, 8, 6, 1);
      const order = random.permutation(6);
      const permute = (tensor: HostTensor) => table(tensor.shape[0], 6, (model, sample) => tensor.values[model * 6 + order[sample]]);
      const stretch = (tensor: HostTensor) => table(tensor.shape[0], 6, (model, sample) => scale * tensor.values[model * 6 + sample] + shift);
      const options = { smallestSigma: 0, variance: "per-sample" } as const;
      const plain = liraScores(fitLira(shadows, options), targets.phi);
      const permuted = liraScores(fitLira({ phi: permute(shadows.phi), members: permute(shadows.members) }, options), permute(targets.phi));
      expect(permuted.values).toEqual(permute(plain).values);
      const stretched = liraScores(fitLira({ phi: stretch(shadows.phi), members: shadows.members }, options), stretch(targets.phi));
      stretched.values.forEach((score, i) => expect(Math.abs(score - plain.values[i])).toBeLessThan(1e-6 * (1 + Math.abs(score))));
    }),
    { numRuns: 50 },
  );
});

test("models that agree exactly give large, finite scores", () => {
  const members = table(8, 1, (model) => model % 2);
  const lira = fitLira({ phi: table(8, 1, (model) => (model % 2) * 0.1), members }, { variance: "per-sample" });
  const { values } = liraScores(
    lira,
    table(2, 1, (model) => (model % 2) * 0.1),
  );
  expect(values[0]).toBeCloseTo(-5000, 6);
  expect(values[1]).toBeCloseTo(5000, 6);
});

test("a sample without enough models, a foreign mask and non-finite scores are refused", () => {
  const phi = table(4, 2, (model, sample) => model + sample);
  expect(() => fitLira({ phi, members: table(4, 2, (model, sample) => (sample === 0 ? 1 : model % 2)) })).toThrow(code("metrics/too-few-models"));
  expect(() => fitLira({ phi, members: table(4, 2, (model) => (model === 0 ? 1 : 0)) }, { variance: "per-sample" })).toThrow(
    code("metrics/too-few-models"),
  );
  expect(() => fitLira({ phi, members: table(2, 2, () => 1) })).toThrow(code("metrics/shape-mismatch"));
  expect(() => fitLira({ phi, members: table(4, 2, (model) => model) })).toThrow(code("metrics/bad-mask"));
  expect(() => fitLira({ phi: table(4, 2, () => NaN), members: table(4, 2, (model) => model % 2) })).toThrow(code("metrics/non-finite-score"));
  const lira = fitLira({ phi, members: table(4, 2, (model) => model % 2) });
  expect(() =>
    liraScores(
      lira,
      table(1, 3, () => 0),
    ),
  ).toThrow(code("metrics/shape-mismatch"));
});

test("records show AUC and true-positive rates beside the control's, and nothing where one side is empty", () => {
  const scores = { members: [3, 2], nonMembers: [2, 1] };
  const control = { members: [1, 2], nonMembers: [2, 1] };
  expect(attackRecords({ attack: "lira", scores, control }).map(({ name, value, target }) => [name, value, target])).toEqual([
    ["lira-auc", 0.875, 0.5],
    ["lira-tpr-at-1-percent-fpr", 0.5, 0],
    ["lira-tpr-at-0.1-percent-fpr", 0.5, 0],
  ]);
  const empty = attackRecords({ attack: "lira-offline", scores: { members: [], nonMembers: [1] } });
  expect(empty.map(({ value, target }) => [value, target])).toEqual([
    [null, 0.5],
    [null, 0.01],
    [null, 0.001],
  ]);
});
