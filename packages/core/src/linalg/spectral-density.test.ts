import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { cholesky, logDeterminant } from "./cholesky.ts";
import { diagonalMatrix, logarithmic, withEigenvalues } from "./fixtures/problems.ts";
import { denseOperator } from "./operator.ts";
import { spectralDensity, traceOfFunction } from "./spectral-density.ts";

const spiked = withEigenvalues([-2, ...Array.from({ length: 37 }, (_, i) => i / 100), 10, 20], createRandom(1)).matrix;

describe("spectralDensity", () => {
  it("has moments within four standard errors of the exact ones", async () => {
    const density = await spectralDensity(denseOperator(spiked), { probes: 60, steps: 10, random: createRandom(2) });
    const eigenvalues = [-2, ...Array.from({ length: 37 }, (_, i) => i / 100), 10, 20];
    for (const power of [1, 2, 3]) {
      const exact = eigenvalues.reduce((sum, value) => sum + value ** power, 0);
      const { estimate, standardError } = traceOfFunction(density, (value) => value ** power);
      expect(Math.abs(estimate - exact)).toBeLessThan(4 * standardError);
      expect(standardError).toBeGreaterThan(0);
    }
    expect(density.trace).toEqual(traceOfFunction(density, (value) => value));
    expect(density.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it("is exact where signs do not matter: any probe gives the trace of a diagonal matrix", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(
          fc.integer({ min: -1000, max: 1000 }).map((value) => value / 100),
          { minLength: 1, maxLength: 12 },
        ),
        async (seed, entries) => {
          const operator = denseOperator(diagonalMatrix(...entries));
          const density = await spectralDensity(operator, { probes: 2, steps: 12, random: createRandom(seed) });
          const sum = (f: (value: number) => number) => entries.reduce((total, value) => total + f(value), 0);
          for (const f of [(value: number) => value, (value: number) => value ** 4, Math.exp]) {
            expect(Math.abs(traceOfFunction(density, f).estimate - sum(f))).toBeLessThanOrEqual(1e-12 * sum((value) => Math.abs(f(value))));
          }
        },
      ),
    );
  });

  it("estimates a log-determinant", async () => {
    const { matrix } = withEigenvalues(logarithmic(30, 0.1, 10), createRandom(3));
    const density = await spectralDensity(denseOperator(matrix), { probes: 40, steps: 20, random: createRandom(4) });
    const { estimate, standardError } = traceOfFunction(density, Math.log);
    expect(Math.abs(estimate - logDeterminant(cholesky(matrix)))).toBeLessThan(4 * standardError);
  });

  it("finds outliers to many digits, and the bulk where it is", async () => {
    const { nodes, weights, smoothed } = await spectralDensity(denseOperator(spiked), { probes: 20, steps: 15, random: createRandom(5), width: 0.3 });
    for (const outlier of [-2, 10, 20]) {
      expect(Math.min(...[...nodes].map((node) => Math.abs(node - outlier)))).toBeLessThan(1e-6);
    }
    const bulk = [...nodes.entries()].reduce((sum, [i, node]) => sum + (node > -0.1 && node < 0.5 ? weights[i] : 0), 0);
    expect(Math.abs(bulk - 37 / 40)).toBeLessThan(0.05);
    const spacing = smoothed.points[1] - smoothed.points[0];
    expect(spacing * smoothed.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
    expect(smoothed.width).toBe(0.3);
  });

  it("smears a spectrum of one place too", async () => {
    const { smoothed, trace } = await spectralDensity(denseOperator(diagonalMatrix(3, 3, 3)), { probes: 2, steps: 3, random: createRandom(6) });
    expect(trace.estimate).toBeCloseTo(9, 12);
    expect(trace.standardError).toBeLessThan(1e-12);
    expect(smoothed.width).toBeGreaterThan(0);
    expect(smoothed.values.every((value) => Number.isFinite(value))).toBe(true);
  });
});
