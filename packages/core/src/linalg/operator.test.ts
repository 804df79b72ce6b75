import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { logarithmic, withEigenvalues } from "./fixtures/problems.ts";
import { matrixFromRows, symmetrise } from "./matrix.ts";
import { damped, denseOperator, scaledOperator, sumOperator } from "./operator.ts";

const a = denseOperator(
  matrixFromRows([
    [2, 1],
    [1, 3],
  ]),
  "positive-semidefinite",
);
const b = denseOperator(
  matrixFromRows([
    [0, 1],
    [-1, 0],
  ]),
);

describe("operators", () => {
  it("multiply, add, scale and damp", async () => {
    const vector = Float64Array.of(1, 2);
    expect(await a.apply(vector)).toEqual(Float64Array.of(4, 7));
    expect(await sumOperator([a, b]).apply(vector)).toEqual(Float64Array.of(6, 6));
    expect(await scaledOperator(a, -2).apply(vector)).toEqual(Float64Array.of(-8, -14));
    expect(await damped(a, 0.5).apply(vector)).toEqual(Float64Array.of(4.5, 8));
    expect(vector).toEqual(Float64Array.of(1, 2));
  });

  it("know what they may promise", () => {
    const promises = ({ symmetric, definiteness }: typeof a) => [symmetric, definiteness];
    expect(promises(a)).toEqual(["yes", "positive-semidefinite"]);
    expect(promises(b)).toEqual(["no", "unknown"]);
    expect(promises(sumOperator([a, a]))).toEqual(["yes", "positive-semidefinite"]);
    expect(promises(sumOperator([a, b]))).toEqual(["no", "unknown"]);
    expect(promises(scaledOperator(a, 0))).toEqual(["yes", "positive-semidefinite"]);
    expect(promises(scaledOperator(a, -1))).toEqual(["yes", "unknown"]);
    expect(promises(damped(a, 1))).toEqual(["yes", "positive-semidefinite"]);
  });

  it("take rounding for symmetric, and float32 noise not", () => {
    const { matrix } = withEigenvalues(logarithmic(20, 1e-3, 1), createRandom(1));
    const noisy = (size: number) => ({ ...matrix, values: matrix.values.map((value, i) => value + (i === 1 ? size : 0)) });
    expect(denseOperator(noisy(1e-14)).symmetric).toBe("yes");
    expect(denseOperator(noisy(1e-7)).symmetric).toBe("no");
    expect(denseOperator(symmetrise(noisy(1e-7))).symmetric).toBe("yes");
  });
});
