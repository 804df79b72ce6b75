import { createRandom } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { describe, expect, test } from "vitest";
import { exactWalk, type ExactOptions } from "./exact.ts";
import { blobs, meanOfPoints, softmaxRegression, without } from "./fixtures/losses.ts";
import { stochasticWalk, type StochasticOptions } from "./stochastic.ts";
import { theoryWalk } from "./theory.ts";
import { adapted, norm } from "./walk.ts";

// The names U1 to U10 are those of the method's card.
const exact = (loss: FlatLoss, start: Float64Array, options: Partial<ExactOptions> = {}) =>
  exactWalk(loss, start, { cubicConstant: 2, adaptation: "fixed", steps: 200, tolerance: 1e-10, ...options });
const stochastic = (loss: FlatLoss, start: Float64Array, options: Partial<StochasticOptions> = {}) =>
  stochasticWalk(loss, start, {
    cubicConstant: 2,
    adaptation: "fixed",
    steps: 10,
    solver: "gradient-descent",
    innerSteps: 5,
    innerRate: 0.01,
    perturbation: 0,
    gradientBatch: 1000,
    hessianBatch: 1000,
    random: createRandom(1),
    ...options,
  });
const apart = (a: Float64Array, b: Float64Array) => norm(a.map((value, i) => value - b[i]));

const all = blobs(60, 4, 3, 1.2, "cure-newton");
const retained = without(all, 10);
const zero = (loss: FlatLoss) => new Float64Array(loss.dimension);
/** The optimum, to the last digits. */
const optimum = async (loss: FlatLoss) => (await exact(loss, zero(loss), { cubicConstant: 1e-3, tolerance: 1e-13 })).parameters;

describe("the exact walk", () => {
  test("U2: takes the damping M ||s|| / 2, and no other", async () => {
    // Mean of 0, 1, 2 and 9 is 3; 9 is erased, and the mean of the rest is 1.
    const iterates: number[] = [];
    for (let steps = 1; steps <= 6; steps++) iterates.push((await exact(meanOfPoints([0, 1, 2]), Float64Array.of(3), { steps })).parameters[0]);
    [2, 1.381966011, 1.087003112, 1.006483421, 1.000041498, 1.000000002].forEach((expected, i) => expect(iterates[i]).toBeCloseTo(expected, 8));
  });

  test("U1 as the limit: with hardly any M, one step on a quadratic is Newton's, and ends at the retrained optimum", async () => {
    const { parameters } = await exact(meanOfPoints([0, 1, 2]), Float64Array.of(3), { cubicConstant: 1e-13, steps: 1 });
    expect(Math.abs(parameters[0] - 1)).toBeLessThan(1e-12);
  });

  test("U3: from the trained optimum reaches the retrained one for every M, in more steps for a larger one", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const loss = softmaxRegression(retained, 3, 0.01);
    const goal = await optimum(loss);
    expect(apart(start, goal)).toBeGreaterThan(0.1);
    const counts: number[] = [];
    for (const cubicConstant of [0.1, 1, 5]) {
      const { parameters, steps, ending } = await exact(loss, start, { cubicConstant });
      expect(ending).toBe("stationary");
      expect(apart(parameters, goal)).toBeLessThan(1e-7);
      counts.push(steps.length);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts[0]).toBeLessThan(counts[2]);
  });

  test("U4: moves nothing along directions that change no output", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const { parameters } = await exact(softmaxRegression(retained, 3, 0), start, { steps: 1 });
    const step = parameters.map((value, i) => value - start[i]);
    expect(norm(step)).toBeGreaterThan(0.01);
    for (let j = 0; j < 5; j++) expect(Math.abs(step[j] + step[5 + j] + step[10 + j])).toBeLessThan(1e-14);
  });

  test("U5: keeps its promise where M is large enough", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const { steps } = await exact(softmaxRegression(retained, 3, 0.01), start, { cubicConstant: 50, steps: 20 });
    expect(steps.length).toBe(20);
    for (const { predictedDecrease, actualDecrease, length, cubicConstant, damping } of steps) {
      expect(actualDecrease).toBeGreaterThanOrEqual(predictedDecrease - 1e-14);
      expect(predictedDecrease).toBeGreaterThanOrEqual((cubicConstant / 12) * length ** 3 - 1e-14);
      expect(damping).toBeCloseTo((cubicConstant / 2) * length, 9);
    }
  });

  test("U9: after k requests, one from the other, is where a single retraining on what remains ends", async () => {
    const goal = await optimum(softmaxRegression(without(all, 15), 3, 0.01));
    let w = await optimum(softmaxRegression(all, 3, 0.01));
    const drifts: number[] = [];
    for (const gone of [5, 10, 15]) {
      w = (await exact(softmaxRegression(without(all, gone), 3, 0.01), w, { cubicConstant: 1 })).parameters;
      drifts.push(apart(w, goal));
    }
    expect(drifts[2]).toBeLessThan(1e-7);
    // The requests before the last have other optima.
    expect(Math.min(drifts[0], drifts[1])).toBeGreaterThan(1e-2);
    // A few stochastic steps a request stay away from it: what a budget leaves is carried on.
    let noisy = await optimum(softmaxRegression(all, 3, 0.01));
    for (const gone of [5, 10, 15]) {
      noisy = (await stochastic(softmaxRegression(without(all, gone), 3, 0.01), noisy, { random: createRandom(gone), perturbation: 0.1 })).parameters;
    }
    expect(apart(noisy, goal)).toBeGreaterThan(1e-3);
  });

  test("U6: nothing erased, takes no step", async () => {
    const loss = softmaxRegression(all, 3, 0.01);
    const start = await optimum(loss);
    const { parameters, steps, ending, smallestEigenvalue } = await exact(loss, start);
    expect([steps, ending]).toEqual([[], "stationary"]);
    expect(parameters).toBe(start);
    expect(smallestEigenvalue).toBeGreaterThan(0);
  });

  test("adapts M by what steps keep of their promise, and takes none that raises the loss", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const loss = softmaxRegression(retained, 3, 0.01);
    const { steps, ending } = await exact(
      loss,
      start.map((value) => 8 * value),
      { cubicConstant: 1e-9, adaptation: "ratio" },
    );
    expect(ending).toBe("stationary");
    expect(steps.some(({ taken }) => taken === "rejected")).toBe(true);
    for (const { taken, actualDecrease, predictedDecrease } of steps) expect(taken === "taken").toBe(actualDecrease >= 0.1 * predictedDecrease);
    const after = steps.findIndex(({ taken }) => taken === "rejected");
    expect(steps[after + 1].cubicConstant).toBe(2 * steps[after].cubicConstant);
  });
});

describe("the stochastic walk", () => {
  test("U7: with whole batches, no perturbation and long inner loops, is the exact one", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const loss = softmaxRegression(retained, 3, 0.01);
    const expected = await exact(loss, start, { steps: 3 });
    const found = await stochastic(loss, start, { steps: 3, innerSteps: 3000, innerRate: 0.2 });
    expect(apart(found.parameters, expected.parameters)).toBeLessThan(1e-7);
    const krylov = await stochastic(loss, start, { steps: 3, solver: "lanczos", innerSteps: 15 });
    expect(apart(krylov.parameters, expected.parameters)).toBeLessThan(1e-7);
  });

  test("S5: the inner loop of the authors' code, five steps from the Cauchy point", async () => {
    const quadratic = (curvature: readonly [number, number]): FlatLoss => ({
      dimension: 2,
      sampleCount: 1,
      value: async () => 0,
      gradient: async () => ({ value: 0, gradient: Float64Array.of(1, 1) }),
      hessian: () => ({ dimension: 2, symmetric: "yes", definiteness: "unknown", apply: (v) => v.map((value, i) => value * curvature[i]) }),
    });
    const options = { cubicConstant: 6, innerRate: 0.05, steps: 1 };
    const ends = async (curvature: readonly [number, number], innerSteps: number) =>
      (await stochastic(quadratic(curvature), new Float64Array(2), { ...options, innerSteps })).parameters;
    for (const [curvature, innerSteps, expected] of [
      [[2, 1], 5, [-0.3094943052, -0.3729233151]],
      [[2, -1], 5, [-0.3168934433, -0.5736485346]],
      [[2, -1], 1, [-0.3978694337, -0.4623888014]],
    ] as const) {
      const found = await ends(curvature, innerSteps);
      expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 9));
    }
  });

  test("U6: moves even where nothing was erased, by its noise", async () => {
    const loss = softmaxRegression(all, 3, 0.01);
    const start = await optimum(loss);
    const quiet = await stochastic(loss, start, { gradientBatch: 8, hessianBatch: 8 });
    const shaken = await stochastic(loss, start, { perturbation: 0.5 });
    const still = await stochastic(loss, start);
    expect(apart(still.parameters, start)).toBeLessThan(1e-9);
    expect(apart(quiet.parameters, start)).toBeGreaterThan(0.01);
    expect(apart(shaken.parameters, start)).toBeGreaterThan(0.001);
  });

  test("draws anew for every step, the same for the same seed", async () => {
    const loss = softmaxRegression(retained, 3, 0.01);
    const run = (seed: number) => stochastic(loss, zero(loss), { gradientBatch: 8, hessianBatch: 8, perturbation: 0.1, random: createRandom(seed) });
    const [a, again, b] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(a);
    expect(b.parameters).not.toEqual(a.parameters);
    expect(new Set(a.steps.map(({ gradientNorm }) => gradientNorm)).size).toBe(10);
  });

  test("falls to the retrained loss on average", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const loss = softmaxRegression(retained, 3, 0.01);
    const goal = await loss.value(await optimum(loss));
    const { parameters } = await stochastic(loss, start, { steps: 60, gradientBatch: 40, hessianBatch: 40, innerRate: 0.1, cubicConstant: 20 });
    expect((await loss.value(parameters)) - goal).toBeLessThan(0.2 * ((await loss.value(start)) - goal));
  });
});

describe("a step that does not keep its promise", () => {
  test.each([
    ["kept", 1, 0.95, "taken", 2.5],
    ["kept in part", 1, 0.5, "taken", 5],
    ["hardly kept", 1, 0.05, "rejected", 10],
    ["broken", 1, -1, "rejected", 10],
    ["promised nothing and harmed nothing", -0.1, 0.2, "taken", 5],
    ["promised nothing and harmed", -0.1, -0.2, "rejected", 10],
    ["led out of the numbers", -0.1, -Infinity, "rejected", 10],
    ["led out of the numbers in spite of its promise", 1, NaN, "rejected", 10],
  ] as const)("%s", (_title, predictedDecrease, actualDecrease, taken, cubicConstant) => {
    expect(adapted(5, { predictedDecrease, actualDecrease })).toEqual({ taken, cubicConstant });
  });
});

describe("the parent algorithm", () => {
  test("calls nothing stationary that it did not reach", async () => {
    // L = 5 x^2 with a smoothness far too small: the descent climbs, and leaves the numbers.
    const steep: FlatLoss = {
      dimension: 1,
      sampleCount: 1,
      value: async ([x]) => 5 * x * x,
      gradient: async ([x]) => ({ value: 5 * x * x, gradient: Float64Array.of(10 * x) }),
      hessian: () => ({ dimension: 1, symmetric: "yes", definiteness: "unknown", apply: ([v]) => Float64Array.of(10 * v) }),
    };
    const { ending, parameters } = await theoryWalk(steep, Float64Array.of(1e-4), { ...options, steps: 3, smoothness: 0.1 });
    expect(ending).toBe("budget-reached");
    expect(parameters.every(Number.isFinite)).toBe(true);
  });

  const options = {
    cubicConstant: 2,
    tolerance: 1e-4,
    steps: 400,
    innerSteps: undefined,
    smoothness: undefined,
    gradientBatch: 1000,
    hessianBatch: 1000,
    random: createRandom(1),
  };

  test("stops by its own rule at a stationary point of the promised quality", async () => {
    const start = await optimum(softmaxRegression(all, 3, 0.01));
    const loss = softmaxRegression(retained, 3, 0.01);
    const { parameters, ending, steps } = await theoryWalk(loss, start, options);
    expect(ending).toBe("stationary");
    expect(steps.length).toBeLessThan(400);
    expect(norm((await loss.gradient(parameters)).gradient)).toBeLessThan(1e-4);
    expect(await loss.value(parameters)).toBeLessThan(await loss.value(start));
  });

  test("takes a Cauchy step where the gradient is large, and leaves a saddle where it is none", async () => {
    // L = (x^2 - y^2) / 2 + y^4 / 4: a saddle at 0, minima at y = 1 and -1.
    const saddle: FlatLoss = {
      dimension: 2,
      sampleCount: 1,
      value: async ([x, y]) => (x * x - y * y) / 2 + y ** 4 / 4,
      gradient: async ([x, y]) => ({ value: (x * x - y * y) / 2 + y ** 4 / 4, gradient: Float64Array.of(x, -y + y ** 3) }),
      hessian: ([, y]) => ({ dimension: 2, symmetric: "yes", definiteness: "unknown", apply: ([a, b]) => Float64Array.of(a, (3 * y * y - 1) * b) }),
    };
    const { parameters, ending } = await theoryWalk(saddle, new Float64Array(2), { ...options, cubicConstant: 6 });
    expect(ending).toBe("stationary");
    expect(Math.abs(Math.abs(parameters[1]) - 1)).toBeLessThan(1e-3);
    const far = await theoryWalk(saddle, Float64Array.of(100, 0.5), { ...options, steps: 1, smoothness: 1 });
    const [moved] = [far.parameters[0] - 100, far.parameters[1] - 0.5];
    expect(moved / (far.parameters[1] - 0.5)).toBeCloseTo(100 / (-0.5 + 0.125), 6);
  });
});
