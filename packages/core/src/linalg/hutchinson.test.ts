import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { estimateFrom } from "./estimate.ts";
import { diagonalMatrix, withEigenvalues } from "./fixtures/problems.ts";
import { estimateDiagonal, estimateTrace } from "./hutchinson.ts";
import { denseOperator } from "./operator.ts";

const dimension = 12;
const { matrix } = withEigenvalues(
  Array.from({ length: dimension }, (_, i) => i - 3),
  createRandom(1),
);
const operator = denseOperator(matrix);
const diagonal = Array.from({ length: dimension }, (_, i) => matrix.values[i * (dimension + 1)]);
const trace = diagonal.reduce((sum, value) => sum + value, 0);
const squares = (row: number) => matrix.values.slice(row * dimension, (row + 1) * dimension).reduce((sum, value) => sum + value ** 2, 0);

describe("estimateFrom", () => {
  it("is the mean with its standard error, not the deviation of the values around it", () => {
    // Deviations -3, -1, 1, 3: variance 20 / 3, a fourth of which is 5 / 3.
    expect(estimateFrom([1, 3, 5, 7])).toEqual({ estimate: 4, standardError: Math.sqrt(5 / 3) });
  });
});

describe("estimateTrace", () => {
  it("is within four standard errors of the trace, which have the size that theory says", async () => {
    const probes = 2000;
    const { estimate, standardError } = await estimateTrace(operator, { probes, random: createRandom(2) });
    expect(Math.abs(estimate - trace)).toBeLessThan(4 * standardError);
    const variance = 2 * diagonal.reduce((sum, value, row) => sum + squares(row) - value ** 2, 0);
    // The relative error of a standard deviation from 2000 values is about 2 %.
    expect(standardError / Math.sqrt(variance / probes)).toBeCloseTo(1, 1);
  });

  it("is unbiased: twelve seeds scatter around the trace", async () => {
    const scores: number[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const { estimate, standardError } = await estimateTrace(operator, { probes: 50, random: createRandom(seed) });
      scores.push((estimate - trace) / standardError);
    }
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(12));
    expect(scores.some((score) => score > 0) && scores.some((score) => score < 0)).toBe(true);
  });

  it("is exact for a diagonal matrix, and the same for the same seed", async () => {
    const exact = await estimateTrace(denseOperator(diagonalMatrix(1, -2, 5)), { probes: 2, random: createRandom(3) });
    expect(exact).toEqual({ estimate: 4, standardError: 0 });
    const options = { probes: 3, random: createRandom(4) };
    expect(await estimateTrace(operator, options)).toEqual(await estimateTrace(operator, options));
  });
});

describe("estimateDiagonal", () => {
  it("is within its standard errors of the diagonal, which have the size that theory says", async () => {
    const probes = 2000;
    const estimated = await estimateDiagonal(operator, { probes, random: createRandom(5) });
    for (const [i, value] of diagonal.entries()) {
      expect(Math.abs(estimated.diagonal[i] - value)).toBeLessThan(4.5 * estimated.standardErrors[i]);
      expect(estimated.standardErrors[i] / Math.sqrt((squares(i) - value ** 2) / probes)).toBeCloseTo(1, 1);
    }
  });
});
