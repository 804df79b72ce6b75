import { createRandom, isLetheError } from "@lethe/core";
import { expect, test } from "vitest";
import { table } from "../fixtures/table.ts";
import { normalCdf } from "./normal-distribution.ts";
import { planShadows, type PlannedModel } from "./plan.ts";
import { rolesOfRuns } from "./roles.ts";
import { uLiraRecords } from "./u-lira-records.ts";
import { uLira } from "./u-lira.ts";
import { shareHistogram } from "./unlearning-outcome.ts";

const plan = planShadows({ poolSize: 200, models: 32, targets: 8, forgetSets: 2, forgetSize: 40, seed: 3 });

/** What models would say: a level per sample, noise per run, and something that depends on what the run did with the sample. */
function scoresOf(
  role: PlannedModel["role"],
  seed: string,
  effect: { forgotten: number; neverSeen: number; retained: number },
  exposed: (sample: number) => boolean = () => true,
) {
  const roles = rolesOfRuns(plan, role);
  const samples = plan.attacked.length;
  const random = createRandom(`${seed} ${role}`);
  const level = createRandom("level");
  const phi = table(roles.drawOfRun.length, samples, (run, sample) => {
    const i = run * samples + sample;
    const kind = roles.forgotten.values[i] === 1 ? "forgotten" : roles.neverSeen.values[i] === 1 ? "neverSeen" : "retained";
    return 4 * level.split(sample).normal() + (exposed(sample) ? effect[kind] : 0) + random.normal();
  });
  return { phi, ...roles };
}

function attack(effect: { forgotten: number; neverSeen: number; retained: number }, exposed?: (sample: number) => boolean) {
  return uLira({ shadows: scoresOf("shadow", "world", effect, exposed), targets: scoresOf("target", "world", effect, exposed), variance: "pooled" });
}

test("perfect unlearning gives one half, whatever unlearning does to models as a whole", () => {
  const nothing = attack({ forgotten: 0, neverSeen: 0, retained: 5 });
  // 640 forgotten cases: five standard errors.
  expect(Math.abs((nothing.accuracy ?? NaN) - 0.5)).toBeLessThan(0.09);
  expect(Math.abs((nothing.auc ?? NaN) - 0.5)).toBeLessThan(0.09);
  expect(nothing.accuracyInterval?.lower).toBeLessThan(0.5);
  expect(nothing.accuracyInterval?.upper).toBeGreaterThan(0.5);
});

test("a trace of size d gives the accuracy Phi(d / 2) and the AUC Phi(d / sqrt 2) of two Gaussians, on either side", () => {
  for (const d of [1, -2]) {
    const { accuracy, auc, accuracyInterval, cases } = attack({ forgotten: d, neverSeen: 0, retained: 5 });
    expect(cases).toEqual({ forgotten: 8 * 80, neverSeen: 2 * 8 * 80 });
    expect(Math.abs((accuracy ?? NaN) - normalCdf(Math.abs(d) / 2))).toBeLessThan(0.06);
    expect(Math.abs((auc ?? NaN) - normalCdf(Math.abs(d) / Math.SQRT2))).toBeLessThan(0.06);
    expect(accuracyInterval?.lower).toBeGreaterThan(0.5);
  }
});

test("what was kept does not enter, unless it is asked about", () => {
  const effect = { forgotten: 0, neverSeen: 0, retained: 3 };
  const shadows = scoresOf("shadow", "kept", effect);
  const targets = scoresOf("target", "kept", effect);
  const kept = uLira({ shadows: { ...shadows, forgotten: shadows.retained }, targets: { ...targets, forgotten: targets.retained } });
  expect(kept.accuracy).toBeGreaterThan(0.88);
  expect(Math.abs((uLira({ shadows, targets }).accuracy ?? NaN) - 0.5)).toBeLessThan(0.09);
});

test("a few fully exposed samples vanish in the mean and show in the histogram and at low false-positive rates", () => {
  const { accuracy, accuracyPerSample, tprAtFpr1Percent } = attack({ forgotten: 8, neverSeen: 0, retained: 8 }, (sample) => sample < 16);
  expect(accuracy).toBeLessThan(0.65);
  const histogram = shareHistogram(accuracyPerSample, 10);
  expect(histogram.reduce((a, b) => a + b, 0)).toBe(160);
  expect(histogram[9]).toBeGreaterThanOrEqual(16);
  expect(accuracyPerSample.slice(0, 16).every((value) => value !== null && value > 0.95)).toBe(true);
  expect(tprAtFpr1Percent).toBeGreaterThan(0.09);
});

test("constant output looks perfectly unlearned, and the utility guard says why", () => {
  const roles = { shadow: rolesOfRuns(plan, "shadow"), target: rolesOfRuns(plan, "target") };
  const constant = (role: PlannedModel["role"]) => ({ phi: table(roles[role].drawOfRun.length, 160, () => -2.2), ...roles[role] });
  const result = uLira({ shadows: constant("shadow"), targets: constant("target") });
  expect(result.accuracy).toBe(0.5);
  expect(result.auc).toBe(0.5);
  expect(result.posteriors.values.every((value) => value === 0.5)).toBe(true);
  const useless = { accuracy: 0.1, reference: 0.9, majority: 0.1 };
  const useful = { accuracy: 0.88, reference: 0.9, majority: 0.1 };
  const flagged = uLiraRecords({ attack: result, utility: [useful, useless] });
  expect(flagged).toHaveLength(4);
  expect(flagged.every(({ flags }) => flags[0].code === "utility-lost" && flags[0].sentence.startsWith("1 of 2"))).toBe(true);
  expect(uLiraRecords({ attack: result, utility: [useful] }).every(({ flags }) => flags.length === 0)).toBe(true);
});

test("posteriors are N_u / (N_u + N_n), also where both densities round to 0", () => {
  const column = (values: number[]) => table(values.length, 1, (run) => values[run]);
  const shadows = { phi: column([4, 6, 0, 2]), forgotten: column([1, 1, 0, 0]), neverSeen: column([0, 0, 1, 1]) };
  const targets = { phi: column([3.5, 1000]), forgotten: column([1, 0]), neverSeen: column([0, 1]) };
  const { posteriors, logRatios } = uLira({ shadows, targets });
  const density = (mean: number) => Math.exp(-((3.5 - mean) ** 2) / 4);
  expect(posteriors.values[0]).toBeCloseTo(density(5) / (density(5) + density(1)), 14);
  expect(posteriors.values[1]).toBe(1);
  expect(logRatios.values[1]).toBeCloseTo((999 ** 2 - 995 ** 2) / 4, 8);
});

test("the control's values become the targets, and the records are plain JSON", () => {
  const unlearned = attack({ forgotten: 2, neverSeen: 0, retained: 5 });
  const control = attack({ forgotten: 0, neverSeen: 0, retained: 5 });
  const records = uLiraRecords({ attack: unlearned, control });
  expect(records.map(({ value }) => value)).toEqual([unlearned.accuracy, unlearned.auc, unlearned.tprAtFpr1Percent, unlearned.tprAtFpr01Percent]);
  expect(records.map(({ target }) => target)).toEqual([control.accuracy, control.auc, control.tprAtFpr1Percent, control.tprAtFpr01Percent]);
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);
});

test("runs of one draw are one piece of evidence", () => {
  const effect = { forgotten: 1, neverSeen: 0, retained: 0 };
  const shadows = scoresOf("shadow", "evidence", effect);
  const targets = scoresOf("target", "evidence", effect);
  const one = { ...targets, drawOfRun: targets.drawOfRun.map(() => 0) };
  expect(uLira({ shadows, targets: one }).accuracyInterval).toBeNull();
  expect(uLira({ shadows, targets: one }).accuracy).toBe(uLira({ shadows, targets }).accuracy);
});

test("a sample twice changes no other, and missing cases are null", () => {
  const column = (values: number[], copies: number) => table(values.length, copies, (run) => values[run]);
  const build = (copies: number) => {
    const shadows = { phi: column([4, 6, 0, 2], copies), forgotten: column([1, 1, 0, 0], copies), neverSeen: column([0, 0, 1, 1], copies) };
    return uLira({ shadows, targets: { phi: column([5, 4], copies), forgotten: column([1, 0], copies), neverSeen: column([0, 1], copies) } });
  };
  expect(build(2).accuracyPerSample).toEqual([0.5, 0.5]);
  expect(build(2).accuracy).toBe(build(1).accuracy);
  const shadows = { phi: column([4, 6, 0, 2], 1), forgotten: column([1, 1, 0, 0], 1), neverSeen: column([0, 0, 1, 1], 1) };
  const none = uLira({ shadows, targets: { phi: column([5], 1), forgotten: column([1], 1), neverSeen: column([0], 1) } });
  expect([none.accuracy, none.auc, none.tprAtFpr1Percent, none.accuracyInterval, none.accuracyPerSample[0]]).toEqual([null, null, null, null, null]);
});

test("contradictory masks and other samples are refused", () => {
  const column = (values: number[], copies = 1) => table(values.length, copies, (run) => values[run]);
  const shadows = { phi: column([4, 6, 0, 2]), forgotten: column([1, 1, 0, 0]), neverSeen: column([0, 0, 1, 1]) };
  const refused = (targets: Parameters<typeof uLira>[0]["targets"], code: string) => {
    expect(() => uLira({ shadows, targets })).toThrow(expect.toSatisfy((error) => isLetheError(error) && error.code === code));
  };
  refused({ phi: column([5]), forgotten: column([1]), neverSeen: column([1]) }, "metrics/bad-mask");
  refused({ phi: column([5], 2), forgotten: column([1], 2), neverSeen: column([0], 2) }, "metrics/shape-mismatch");
  refused({ phi: column([5]), forgotten: column([1]), neverSeen: column([0]), drawOfRun: [1, 2] }, "metrics/shape-mismatch");
});
