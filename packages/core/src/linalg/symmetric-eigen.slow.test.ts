import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { eigenErrors, randomSymmetric, secondDifference, symmetricFrom } from "./fixtures/symmetric-eigen-cases.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

/** Wide enough for several pieces of every product and several strips of the last join. */
const size = 1152;

describe("symmetricEigen of 1152 rows", () => {
  it.each([
    ["random", randomSymmetric(size, createRandom("wide"))],
    ["second difference", secondDifference(size).matrix],
    ["low rank", symmetricFrom(size, (i, j) => Math.cos(i - j) + Math.cos(0.1 * (i - j)))],
  ])("%s: small residual, orthonormal", (_name, matrix) => {
    const eigen = symmetricEigen(matrix);
    const { residual, orthogonality } = eigenErrors(matrix, eigen, 13);
    expect(residual).toBeLessThan(0.5);
    expect(orthogonality).toBeLessThan(0.5);
    const spectral = Math.max(-eigen.values[0], eigen.values[size - 1]);
    for (const [i, value] of symmetricEigenvalues(matrix).entries()) expect(Math.abs(value - eigen.values[i])).toBeLessThan(1e-13 * spectral);
  });
});
