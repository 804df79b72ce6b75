import { createRandom } from "@lethe/core";
import type { FlatLoss } from "@lethe/core/curvature";
import { denseOperator, matrixFromRows } from "@lethe/core/linalg";
import { describe, expect, test } from "vitest";
import { directionOf, type Parts } from "./direction.ts";
import { clouds, logistic, minimum, newtonStep, ridge, type Point } from "./fixtures/regressions.ts";
import { optionsSchema, type InfluenceInput } from "./options.ts";
import { influenceStep } from "./step.ts";
import { combination, difference, norm } from "./vector.ts";

const lambda = 0.1;
const erasedCount = 5;
const points = clouds(60, "points");
const kept = points.slice(erasedCount);
const exact = { damping: 0, tolerance: 1e-13, weightDecay: lambda } as const;

/** The step from `at` where `erased` is removed or becomes `corrected`. */
async function stepFrom(at: Float64Array, parts: Parts, given: InfluenceInput, all: FlatLoss = parts.left) {
  const options = optionsSchema.parse({ ...exact, ...given });
  const curvature = options.hessianOf === "all" ? all : parts.left;
  const direction = await directionOf(parts, at, options, curvature.sampleCount);
  const found = await influenceStep({ direction, left: parts.left, curvature, at, options, random: createRandom(1) });
  return { ...direction, ...found };
}

const distance = (a: Float64Array, b: Float64Array) => norm(difference(a, b));
const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]);

function removal(lossOf: typeof ridge, own = lambda): Parts {
  return { left: lossOf(kept, lambda), erased: lossOf(points.slice(0, erasedCount), own), corrected: undefined };
}

describe("the influence of erased samples", () => {
  test.each([
    ["ridge", ridge],
    ["logistic", logistic],
  ] as const)("is Newton's step on what is left where the training loss is stationary: %s regression", async (_name, lossOf) => {
    const at = await minimum(lossOf(points, lambda));
    const { step, stationarity } = await stepFrom(at, removal(lossOf), {});
    const newton = await newtonStep(lossOf(kept, lambda), at);
    expect(norm(newton)).toBeGreaterThan(0.01);
    expect(distance(step, newton)).toBeLessThan(1e-9);
    expect(stationarity).toBeLessThan(1e-9);
  });

  test("ends, on ridge regression, where retraining does", async () => {
    const at = await minimum(ridge(points, lambda));
    const { step, predictedDecrease, lossBefore } = await stepFrom(at, removal(ridge), { solver: "conjugate-gradients" });
    const retrained = await minimum(ridge(kept, lambda));
    expect(distance(plus(at, step), retrained)).toBeLessThan(1e-9);
    expect(predictedDecrease).toBeCloseTo(lossBefore - (await ridge(kept, lambda).value(retrained)), 12);
    expect(predictedDecrease).toBeGreaterThan(1e-5);
  });

  test("is not Newton's step if the L2 term is left out of the erased samples' loss", async () => {
    const at = await minimum(ridge(points, lambda));
    const { step } = await stepFrom(at, removal(ridge, 0), {});
    const newton = await newtonStep(ridge(kept, lambda), at);
    expect(distance(step, newton)).toBeGreaterThan(0.05 * norm(newton));
  });

  test("is not Newton's step elsewhere, and tells how much of the gradient is missing", async () => {
    const at = plus(await minimum(ridge(points, lambda)), Float64Array.of(0.3, 0, -0.2));
    const { step, stationarity, vector, gradient } = await stepFrom(at, removal(ridge), {});
    expect(distance(step, await newtonStep(ridge(kept, lambda), at))).toBeGreaterThan(0.1);
    expect(stationarity).toBeCloseTo(norm(plus(gradient, vector)) / norm(vector), 9);
    const whole = await ridge(points, lambda).gradient(at);
    const own = await ridge(points.slice(0, erasedCount), lambda).gradient(at);
    expect(stationarity).toBeCloseTo(norm(whole.gradient) / ((erasedCount / points.length) * norm(own.gradient)), 9);
    expect(stationarity).toBeGreaterThan(1);
  });

  test("with H of all data errs by the square of the erased share", async () => {
    const at = await minimum(logistic(points, lambda));
    const error = async (count: number) => {
      const parts = { left: logistic(points.slice(count), lambda), erased: logistic(points.slice(0, count), lambda), corrected: undefined };
      const { step } = await stepFrom(at, parts, { hessianOf: "all" }, logistic(points, lambda));
      return distance(step, await newtonStep(parts.left, at)) / norm(step);
    };
    expect(await error(1)).toBeLessThan(0.05);
    expect(await error(1)).toBeGreaterThan(1e-4);
    expect(await error(10)).toBeGreaterThan(await error(1));
  });

  test("raises the loss on them: one parameter, in closed form", async () => {
    // Seven samples x = 1, five of class 1: w = ln(5 / 2), p = 5 / 7. Without one of class 1, g_e = p - 1 and H = p (1 - p): the step is -1 / (6 p).
    const coins = Array.from({ length: 7 }, (_, i): Point => ({ x: [1], y: i < 5 ? 1 : 0 }));
    const at = Float64Array.of(Math.log(5 / 2));
    const parts = { left: logistic(coins.slice(1), 0), erased: logistic(coins.slice(0, 1), 0), corrected: undefined };
    const { step, erasedLossBefore } = await stepFrom(at, parts, { weightDecay: 0 });
    expect(step[0]).toBeCloseTo(-7 / 30, 12);
    expect(await parts.erased.value(plus(at, step))).toBeGreaterThan(erasedLossBefore);
    const retrained = Math.log(4 / 2);
    expect(Math.abs(at[0] + step[0] - retrained)).toBeLessThan(0.05 * Math.abs(at[0] - retrained));
  });
});

describe("IU", () => {
  test("is the same step where the training loss is stationary, alpha being 1 and H inverted", async () => {
    const at = await minimum(logistic(points, lambda));
    const erased = await stepFrom(at, removal(logistic), {});
    const iu = await stepFrom(at, removal(logistic), { form: "iu", alpha: 1, solver: "minres" });
    expect(distance(iu.step, erased.step)).toBeLessThan(1e-9);
  });

  test("elsewhere follows (n_e / n_r) (g_e - g)", async () => {
    const at = Float64Array.of(0.3, 0.4, -0.5);
    const { vector, rate } = await stepFrom(at, removal(logistic), { form: "iu" });
    const whole = await logistic(points, lambda).gradient(at);
    const own = await logistic(points.slice(0, erasedCount), lambda).gradient(at);
    const share = erasedCount / kept.length;
    expect(
      distance(
        vector,
        combination([
          [share, own.gradient],
          [-share, whole.gradient],
        ]),
      ),
    ).toBeLessThan(1e-12);
    expect(rate).toBe(0.2);
  });
});

describe("features and labels", () => {
  const corrections: readonly [string, (point: Point) => Point | undefined][] = [
    ["removal", () => undefined],
    ["a corrected label", ({ x, y }) => ({ x, y: 1 - y })],
    ["a corrected feature", ({ x, y }) => ({ x: [0, x[1], x[2]], y })],
  ];

  test.each(corrections)("by the second-order update come within a few percent of retraining: %s", async (_name, change) => {
    const [before, others] = [points.slice(0, erasedCount), kept];
    const after = before.map(change).filter((point) => point !== undefined);
    const parts = {
      left: logistic([...others, ...after], lambda),
      erased: logistic(before, lambda),
      corrected: after.length === 0 ? undefined : logistic(after, lambda),
    };
    const at = await minimum(logistic(points, lambda));
    const retrained = await minimum(parts.left);
    const gap = distance(at, retrained);
    expect(gap).toBeGreaterThan(0.01);
    for (const [hessianOf, tolerance] of [
      ["all", 0.2],
      ["retain", 0.05],
    ] as const) {
      const { step, stationarity } = await stepFrom(at, parts, { form: "second-order", hessianOf }, logistic(points, lambda));
      expect(stationarity).toBeLessThan(1e-9);
      expect(distance(plus(at, step), retrained)).toBeLessThan(tolerance * gap);
    }
  });

  test("by the first-order update move by tau times the summed gradient", async () => {
    const at = Float64Array.of(0.3, 0.4, -0.5);
    const flipped = logistic(
      points.slice(0, 2).map(({ x, y }) => ({ x, y: 1 - y })),
      lambda,
    );
    const parts = { left: logistic(points, lambda), erased: logistic(points.slice(0, 2), lambda), corrected: flipped };
    const { step, products, solution } = await stepFrom(at, parts, { form: "first-order", tau: 0.5 });
    // The derivative of the loss by z moves by 1 - 2 y between the labels: -(p - y) + (p - (1 - y)) = 2 y - 1.
    const expected = combination(points.slice(0, 2).map(({ x, y }) => [-0.5 * (2 * y - 1), Float64Array.from(x)] as const));
    expect(distance(step, expected)).toBeLessThan(1e-12);
    expect(products).toBe(1);
    expect(solution).toBeUndefined();
  });
});

describe("an indefinite Hessian", () => {
  const saddle: FlatLoss = {
    dimension: 2,
    sampleCount: 10,
    value: async () => 0,
    gradient: async () => ({ value: 0, gradient: Float64Array.of(1, 1) }),
    hessian: () =>
      denseOperator(
        matrixFromRows([
          [2, 0],
          [0, -1],
        ]),
      ),
  };
  const parts = { left: saddle, erased: { ...saddle, sampleCount: 5 }, corrected: undefined };

  test("ends conjugate gradients, which say how much damping is missing", async () => {
    const { step, solution } = await stepFrom(Float64Array.of(0, 0), parts, { solver: "conjugate-gradients" });
    expect(solution?.ending).toBe("indefinite");
    expect(solution?.curvature).toBeLessThanOrEqual(0);
    expect(solution?.curvature).toBeGreaterThanOrEqual(-1);
    expect(Array.from(step)).toEqual([0, 0]);
  });

  test("is solved by MINRES all the same", async () => {
    const { step, solution } = await stepFrom(Float64Array.of(0, 0), parts, { solver: "minres" });
    expect(step[0]).toBeCloseTo(0.25, 12);
    expect(step[1]).toBeCloseTo(-0.5, 12);
    expect(solution?.curvature).toBeCloseTo((2 * 0.25 ** 2 - 0.5 ** 2) / (0.25 ** 2 + 0.5 ** 2), 9);
  });

  test("makes LiSSA diverge, whether it leaves float64 or is stopped before", async () => {
    for (const passes of [20, 5000]) {
      const { solution } = await stepFrom(Float64Array.of(0, 0), parts, { solver: "lissa", passes, patience: 5000 });
      expect(solution?.ending).toBe("diverged");
    }
  });
});
