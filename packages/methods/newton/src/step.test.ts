import { createRandom } from "@lethe/core";
import { denseOperator, matrixFromRows, type LinearOperator } from "@lethe/core/linalg";
import { describe, expect, test } from "vitest";
import type { NewtonOptions } from "./options.ts";
import { newtonStep } from "./step.ts";

const base = { variant: "damped", damping: 0, cutoff: 1e-7, solver: "dense", iterations: 50 } as const;
const stepOf = (rows: readonly (readonly number[])[], gradient: readonly number[], options: Partial<NewtonOptions> = {}) =>
  newtonStep({ gradient: Float64Array.from(gradient), hessian: denseOperator(matrixFromRows(rows)), options: { ...base, ...options } });
const close = (found: ArrayLike<number>, expected: readonly number[], digits = 9) =>
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));

describe("a Newton step", () => {
  test("U1: on ridge regression ends at the retrained optimum", async () => {
    // Mean of (x.w - y)^2 / 2 plus lambda / 2 ||w||^2 over 20 points of which 5 are erased.
    const random = createRandom("ridge");
    const points = Array.from({ length: 20 }, () => ({ x: [random.normal(), random.normal(), 1], y: random.normal() }));
    const lambda = 0.1;
    const at = (w: ArrayLike<number>, some: typeof points) => {
      const gradient = [0, 1, 2].map((i) => lambda * w[i]);
      const hessian = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? lambda : 0)));
      for (const { x, y } of some) {
        const residual = x.reduce((sum, value, i) => sum + value * w[i], 0) - y;
        for (let i = 0; i < 3; i++) {
          gradient[i] += (residual * x[i]) / some.length;
          for (let j = 0; j < 3; j++) hessian[i][j] += (x[i] * x[j]) / some.length;
        }
      }
      return { gradient, hessian };
    };
    const move = async (w: readonly number[], some: typeof points) => {
      const { gradient, hessian } = at(w, some);
      const { step } = await stepOf(hessian, gradient);
      return w.map((value, i) => value + step[i]);
    };
    const trained = await move([0, 0, 0], points);
    close(at(trained, points).gradient, [0, 0, 0], 12);
    const unlearned = await move(trained, points.slice(5));
    expect(Math.hypot(...unlearned.map((value, i) => value - trained[i]))).toBeGreaterThan(0.01);
    close(at(unlearned, points.slice(5)).gradient, [0, 0, 0], 12);
  });

  test("ends within the eigendecomposition where a pause throws", async () => {
    const size = 40;
    const rows = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => Math.cos(i * j)));
    let pauses = 0;
    const pause = async () => {
      if (++pauses === 20) throw new Error("enough");
    };
    const request = { gradient: new Float64Array(size).fill(1), hessian: denseOperator(matrixFromRows(rows)), options: base, pause };
    await expect(newtonStep(request)).rejects.toThrow("enough");
  });

  test("S1: blows up along a small eigenvalue, less the more it is damped", async () => {
    const length = async (options: Partial<NewtonOptions>) =>
      Math.hypot(
        ...(
          await stepOf(
            [
              [1, 0],
              [0, 1e-6],
            ],
            [0.01, 1e-3],
            options,
          )
        ).step,
      );
    expect(await length({})).toBeCloseTo(1000, 3);
    expect(await length({ damping: 1e-3 })).toBeCloseTo(Math.hypot(0.01 / 1.001, 1e-3 / 1.001e-3), 9);
    expect(await length({ damping: 1 })).toBeCloseTo(Math.hypot(0.005, 1e-3 / 1.000001), 9);
    expect(await length({ variant: "pseudo-inverse", cutoff: 1e-5 })).toBeCloseTo(0.01, 12);
  });

  test("by the pseudo-inverse ignores the null space, and climbs along negative curvature, as the method does", async () => {
    const { step, spectrum, products } = await stepOf(
      [
        [2, 0, 0],
        [0, -1, 0],
        [0, 0, 0],
      ],
      [4, 3, 7],
      { variant: "pseudo-inverse" },
    );
    close(step, [-2, 3, 0]);
    close(spectrum!, [-1, 2]);
    expect(products).toBe(4);
  });

  test("promises what the quadratic model says", async () => {
    const { predictedDecrease } = await stepOf(
      [
        [2, 0],
        [0, 4],
      ],
      [2, 4],
    );
    // s = (-1, -1): -(g.s + s.Hs / 2) = 6 - 3.
    expect(predictedDecrease).toBeCloseTo(3, 12);
    expect((await stepOf([[-1]], [1])).predictedDecrease).toBeCloseTo(-0.5, 12);
  });

  test.each([
    ["damped", { damping: 0.3 }],
    ["pseudo-inverse", {}],
  ] as const)("by MINRES is the dense one: %s", async (variant, options) => {
    const random = createRandom("minres");
    const root = Array.from({ length: 6 }, () => Array.from({ length: 4 }, () => random.normal()));
    // Rank 4, with one sign turned.
    const rows = root.map((a) => root.map((b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2] - a[3] * b[3]));
    // In the range, where a solution exists; off it MINRES gives a least-squares solution that need not be the shortest.
    const gradient = rows.map((row) => row.reduce((sum, value, j) => sum + value * (j + 1), 0));
    const dense = await stepOf(rows, gradient, { variant, ...options });
    let told = 0;
    const found = await newtonStep({
      gradient: Float64Array.from(gradient),
      hessian: denseOperator(matrixFromRows(rows)),
      options: { ...base, variant, ...options, solver: "minres" },
      onProduct: (done) => (told = done),
    });
    close(found.step, Array.from(dense.step), 6);
    expect(found.products).toBe(told + 1);
    expect(found.spectrum).toBeUndefined();
  });

  test("stopped early by MINRES is shorter than in full", async () => {
    const hessian: LinearOperator = denseOperator(
      matrixFromRows([
        [1, 0, 0],
        [0, 1e-2, 0],
        [0, 0, 1e-4],
      ]),
    );
    const lengthAfter = async (iterations: number) => {
      const { step } = await newtonStep({ gradient: Float64Array.of(1, 1, 1), hessian, options: { ...base, solver: "minres", iterations } });
      return Math.hypot(...step);
    };
    expect(await lengthAfter(1)).toBeLessThan(await lengthAfter(2));
    expect(await lengthAfter(2)).toBeLessThan(await lengthAfter(20));
  });
});
