import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { logarithmic, orthonormal } from "./fixtures/problems.ts";
import { rowOf, symmetrise, type Matrix } from "./matrix.ts";
import { decomposeRectangular, singularValueDecomposition, type SingularValueDecomposition } from "./svd.ts";
import { symmetricEigenvalues } from "./symmetric-eigen.ts";
import { dot, machineEpsilon, norm } from "./vector.ts";

const random = () => createRandom("svd");

function matrixFrom(rows: number, columns: number, entry: (i: number, j: number) => number): Matrix {
  return { shape: [rows, columns], values: Float64Array.from({ length: rows * columns }, (_, at) => entry(Math.floor(at / columns), at % columns)) };
}

function normal(rows: number, columns: number): Matrix {
  const stream = random();
  return matrixFrom(rows, columns, () => stream.normal());
}

/** `U diag(values) V^T` with random orthonormal U and V. */
function withSingularValues(rows: number, columns: number, values: readonly number[]): Matrix {
  const [left, right] = [orthonormal(rows, random().split("left")), orthonormal(columns, random().split("right"))];
  return matrixFrom(rows, columns, (i, j) => values.reduce((sum, value, k) => sum + value * left[k][i] * right[k][j], 0));
}

/** `max_i |A right_i - value_i left_i|` and of the transposed relation over `|A| max(m, n) eps`; and `|V V^T - I|` of both sides over `max(m, n) eps`, entrywise. */
function errors(matrix: Matrix, { values, left, right }: SingularValueDecomposition): { residual: number; orthogonality: number } {
  const {
    shape: [rows, columns],
    values: a,
  } = matrix;
  const unit = Math.max(rows, columns) * machineEpsilon;
  const count = values.length;
  let [residual, orthogonality] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [u, v] = [rowOf(left, i), rowOf(right, i)];
    const toLeft = u.map((entry, p) => dot(rowOf(matrix, p), v) - values[i] * entry);
    const toRight = v.map((entry, q) => u.reduce((sum, factor, p) => sum + a[p * columns + q] * factor, 0) - values[i] * entry);
    residual = Math.max(residual, Math.max(norm(toLeft), norm(toRight)) / (values[0] || 1) / unit);
    for (let j = 0; j <= i; j++) {
      const same = Number(i === j);
      orthogonality = Math.max(orthogonality, Math.abs(dot(rowOf(left, j), u) - same) / unit, Math.abs(dot(rowOf(right, j), v) - same) / unit);
    }
  }
  return { residual, orthogonality };
}

const sizes = [
  [1, 1],
  [1, 5],
  [5, 1],
  [2, 2],
  [3, 2],
  [31, 31],
  [33, 32],
  [64, 64],
  [65, 64],
  [97, 98],
  [150, 40],
  [40, 150],
  [400, 10],
  [110, 110],
] as const;

const families: readonly (readonly [string, Matrix])[] = [
  ...sizes.map(([rows, columns]) => [`random ${rows} x ${columns}`, normal(rows, columns)] as const),
  ["zero", matrixFrom(40, 30, () => 0)],
  ["identity", matrixFrom(40, 40, (i, j) => Number(i === j))],
  ["all ones", matrixFrom(50, 60, () => 1)],
  ["one column of zeros", matrixFrom(40, 30, (i, j) => (j === 7 ? 0 : Math.cos(i * j + i)))],
  ["nilpotent shift", matrixFrom(50, 50, (i, j) => Number(j === i + 1))],
  ["bidiagonal with zeros on its diagonal", matrixFrom(50, 50, (i, j) => (j === i + 1 ? 1 : i === j && i % 7 !== 0 ? 0.5 : 0))],
  ["graded over 24 decades", withSingularValues(60, 50, logarithmic(50, 1e-12, 1e12))],
  [
    "clustered",
    withSingularValues(
      60,
      60,
      Array.from({ length: 60 }, (_, i) => 1 + (i % 4) + i * 1e-15),
    ),
  ],
  ["rank 3", withSingularValues(70, 60, [5, 1, 1e-3])],
  ["Hilbert", matrixFrom(40, 40, (i, j) => 1 / (i + j + 1))],
  ["graded entries", matrixFrom(60, 60, (i, j) => Math.cos(i * j) * 10 ** (-(i + j) / 5))],
  ["huge", matrixFrom(20, 30, (i, j) => Math.cos(i * j) * 1e300)],
  ["tiny", matrixFrom(20, 30, (i, j) => Math.cos(i * j) * 1e-300)],
  ["entries that underflow when squared", matrixFrom(40, 40, (i, j) => Math.cos(i * j) * 10 ** (-8 * (i + j)))],
];

describe.each(["plain", "simd"] as const)("decomposeRectangular, %s", (engine) => {
  it.each(families)("%s: small residual, orthonormal, decreasing", (_name, matrix) => {
    const decomposition = decomposeRectangular(matrix, engine);
    const { residual, orthogonality } = errors(matrix, decomposition);
    expect(residual).toBeLessThan(2);
    expect(orthogonality).toBeLessThan(2);
    expect(decomposition.values).toEqual(decomposition.values.toSorted().toReversed());
    expect(decomposition.values.at(-1)).toBeGreaterThanOrEqual(0);
  });
});

describe("singularValueDecomposition", () => {
  it("finds small singular values that the Gram matrix would lose", () => {
    const { values } = singularValueDecomposition(withSingularValues(50, 40, logarithmic(40, 1e-10, 1)));
    expect(Math.abs(values[39] - 1e-10)).toBeLessThan(2e-15);
  });

  it("gives the magnitudes of a symmetric matrix's eigenvalues", () => {
    const matrix = symmetrise(normal(60, 60));
    const expected = symmetricEigenvalues(matrix).map(Math.abs).toSorted().toReversed();
    for (const [i, value] of singularValueDecomposition(matrix).values.entries()) {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-13);
    }
  });

  it("of the transpose is the same with the sides exchanged", () => {
    const matrix = normal(30, 20);
    const transposed = matrixFrom(20, 30, (i, j) => matrix.values[j * 20 + i]);
    const [one, other] = [singularValueDecomposition(matrix), singularValueDecomposition(transposed)];
    expect(other.values).toEqual(one.values);
    for (const [at, entry] of one.right.values.entries()) expect(Math.abs(Math.abs(other.left.values[at]) - Math.abs(entry))).toBe(0);
  });

  it("gives the same bits every time, the matrix unchanged", () => {
    const matrix = normal(50, 40);
    const before = matrix.values.slice();
    expect(singularValueDecomposition(matrix)).toEqual(singularValueDecomposition(matrix));
    expect(matrix.values).toEqual(before);
  });

  it("takes empty matrices", () => {
    const nothing = new Float64Array(0);
    for (const shape of [
      [0, 3],
      [3, 0],
    ] as const) {
      expect(singularValueDecomposition({ shape, values: nothing })).toEqual({
        values: nothing,
        left: { shape: [0, shape[0]], values: nothing },
        right: { shape: [0, shape[1]], values: nothing },
      });
    }
  });

  it.each([
    ["linalg/non-finite", [1, 2], [1, Number.NaN]],
    ["linalg/non-finite", [2, 1], [1, -Infinity]],
    ["linalg/dimension-mismatch", [2, 2], [1, 2, 3]],
  ] as const)("refuses with %s", (code, shape, entries) => {
    expect(() => singularValueDecomposition({ shape, values: Float64Array.from(entries) })).toThrow(expect.objectContaining({ code }));
  });
});
