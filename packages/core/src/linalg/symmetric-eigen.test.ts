import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import {
  eigenErrors,
  randomSymmetric,
  secondDifference,
  symmetricFrom,
  tridiagonalFrom,
  wilkinson,
  withSpectrum,
} from "./fixtures/symmetric-eigen-cases.ts";
import { logarithmic } from "./fixtures/problems.ts";
import { jacobiEigen } from "./jacobi.ts";
import { matrixFromRows, rowOf, type Matrix } from "./matrix.ts";
import { decompose, symmetricEigen, symmetricEigenAsync, symmetricEigenvalues } from "./symmetric-eigen.ts";

const random = () => createRandom("symmetric-eigen");
const repeat = (count: number, ...values: readonly number[]): number[] => Array.from({ length: count }, (_, i) => values[i % values.length]);

/** Sizes on both sides of a leaf, a panel and a block, odd and even. */
const families: readonly (readonly [string, Matrix])[] = [
  ...[1, 2, 3, 5, 31, 32, 33, 63, 64, 65, 66, 97, 130, 200].map((size) => [`random ${size}`, randomSymmetric(size, random())] as const),
  ["diagonal", symmetricFrom(70, (i, j) => (i === j ? Math.sin(i) : 0))],
  ["zero", symmetricFrom(70, () => 0)],
  ["identity", symmetricFrom(70, (i, j) => Number(i === j))],
  ["all ones", symmetricFrom(70, () => 1)],
  ["block diagonal", symmetricFrom(71, (i, j) => (i % 2 === j % 2 ? Math.cos(i * j) : 0))],
  ["Wilkinson 21", wilkinson(21)],
  ["Wilkinson 131", wilkinson(131)],
  ["second difference", secondDifference(120).matrix],
  [
    "Wilkinson matrices glued by 1e-14",
    tridiagonalFrom(
      147,
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 20 ? 1e-14 : 1),
    ),
  ],
  [
    "Wilkinson matrices glued by 1e-8",
    tridiagonalFrom(
      147,
      (i) => Math.abs((i % 21) - 10),
      (i) => (i % 21 === 20 ? 1e-8 : 1),
    ),
  ],
  [
    "tridiagonal with a zero diagonal",
    tridiagonalFrom(
      101,
      () => 0,
      (i) => 1 + (i % 2),
    ),
  ],
  [
    "tridiagonal over twenty decades",
    tridiagonalFrom(
      140,
      (i) => 10 ** (-(i * 7) % 20),
      (i) => 10 ** (-(i * 11) % 20),
    ),
  ],
  ["arrow", symmetricFrom(100, (i, j) => (i === j ? i : j === 0 ? 1 : 0))],
  ["arrow with a tiny shaft", symmetricFrom(100, (i, j) => (i === j ? i % 5 : j === 0 ? 1e-15 : 0))],
  ["graded over 24 decades", withSpectrum(logarithmic(90, 1e-12, 1e12), random())],
  ["graded entries", symmetricFrom(90, (i, j) => Math.cos(i + j) * 10 ** ((i + j - 89) / 7.5))],
  ["graded entries, large first", symmetricFrom(90, (i, j) => Math.cos(i + j) * 10 ** ((89 - i - j) / 7.5))],
  [
    "clustered",
    withSpectrum(
      Array.from({ length: 90 }, (_, i) => 1 + (i % 10) + i * 1e-15),
      random(),
    ),
  ],
  ["repeated", withSpectrum(repeat(90, 1, -1, 1, 2), random())],
  ["rank 3", withSpectrum([5, -2, 1e-3, ...repeat(87, 0)], random())],
  ["low rank, wide", symmetricFrom(230, (i, j) => Math.cos(i - j) + Math.cos(0.1 * (i - j)))],
  ["rank 3 of integers", symmetricFrom(80, (i, j) => (i % 5) * (j % 5) - (i % 3) * (j % 3) + (i % 2) * (j % 2))],
  ["huge", symmetricFrom(40, (i, j) => Math.cos(i + j) * 1e300)],
  ["tiny", symmetricFrom(40, (i, j) => Math.cos(i + j) * 1e-300)],
  ["entries that underflow when squared", symmetricFrom(40, (i, j) => Math.cos(i * j) * 10 ** (-8 * (i + j)))],
];

describe.each(["plain", "simd"] as const)("decompose, %s", (engine) => {
  it.each(families)("%s: small residual, orthonormal, increasing", (_name, matrix) => {
    const eigen = decompose(matrix, {}, engine);
    const { residual, orthogonality } = eigenErrors(matrix, eigen);
    expect(residual).toBeLessThan(2);
    expect(orthogonality).toBeLessThan(2);
    expect(eigen.values).toEqual(eigen.values.toSorted());
    const largest = Math.max(...eigen.values.map(Math.abs));
    for (const [i, value] of symmetricEigenvalues(matrix).entries()) expect(Math.abs(value - eigen.values[i])).toBeLessThanOrEqual(1e-14 * largest);
  });

  it.each(families)("%s: selected vectors have the bits that they have among all", (_name, matrix) => {
    const [size] = matrix.shape;
    const all = decompose(matrix, {}, engine);
    for (const [from, to] of [
      [0, size],
      [0, Math.ceil(size / 5)],
      [Math.floor(size / 3), Math.floor(size / 2)],
      [size - 1, size],
      [size, size],
    ]) {
      const seen: Float64Array[] = [];
      const select = (values: Float64Array) => {
        seen.push(values);
        return { from, to };
      };
      const { values, vectors } = decompose(matrix, { select }, engine);
      expect(values).toEqual(all.values);
      for (const each of seen) expect(each).toEqual(all.values);
      expect(vectors).toEqual({ shape: [to - from, size], values: all.vectors.values.slice(from * size, to * size) });
    }
  });

  it("agrees with Jacobi's method on small matrices", () => {
    const entry = fc.oneof(fc.constantFrom(0, 1, -1, 1e-9), fc.double({ min: -1, max: 1, noNaN: true }));
    const matrices = fc.integer({ min: 1, max: 12 }).chain((size) => fc.array(entry, { minLength: size * size, maxLength: size * size }));
    fc.assert(
      fc.property(matrices, (entries) => {
        const size = Math.sqrt(entries.length);
        const matrix = symmetricFrom(size, (i, j) => entries[i * size + j]);
        const eigen = decompose(matrix, {}, engine);
        const expected = jacobiEigen(matrix).values;
        for (const [i, value] of eigen.values.entries()) expect(Math.abs(value - expected[i])).toBeLessThan(2e-14);
        const { residual, orthogonality } = eigenErrors(matrix, eigen);
        expect(Math.max(residual, orthogonality)).toBeLessThan(8);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe("symmetricEigen", () => {
  it("finds the closed-form eigenvalues of the second difference", () => {
    const { matrix, eigenvalues } = secondDifference(150);
    const { values } = symmetricEigen(matrix);
    const apart = symmetricEigenvalues(matrix);
    for (const [i, expected] of eigenvalues.entries()) {
      expect(Math.abs(values[i] - expected)).toBeLessThan(1e-14);
      expect(Math.abs(apart[i] - expected)).toBeLessThan(1e-14);
    }
  });

  it("finds the eigenvalues that a matrix was made with, repeated ones as often", () => {
    const { values } = symmetricEigen(withSpectrum(repeat(60, 3, -1, 3), random()));
    for (const [i, value] of values.entries()) expect(Math.abs(value - (i < 20 ? -1 : 3))).toBeLessThan(2e-14);
  });

  it("leaves a diagonal matrix as it is", () => {
    const { values, vectors } = symmetricEigen(symmetricFrom(3, (i, j) => (i === j ? [2, -1, 0.1][i] : 0)));
    expect([...values]).toEqual([-1, 0.1, 2]);
    expect([...vectors.values]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
  });

  it("takes 1 x 1 and 0 x 0", () => {
    const [one, none] = [matrixFromRows([[-3]]), matrixFromRows([])];
    expect(symmetricEigen(one)).toEqual({ values: Float64Array.of(-3), vectors: matrixFromRows([[1]]) });
    expect(symmetricEigen(none)).toEqual({ values: new Float64Array(0), vectors: none });
    expect(symmetricEigenvalues(one)).toEqual(Float64Array.of(-3));
    expect(symmetricEigenvalues(none)).toEqual(new Float64Array(0));
  });

  it("makes the largest entry of each vector positive and gives the same bits every time, the matrix unchanged", () => {
    const matrix = randomSymmetric(100, random());
    const before = matrix.values.slice();
    const first = symmetricEigen(matrix);
    expect(symmetricEigen(matrix)).toEqual(first);
    expect(matrix.values).toEqual(before);
    for (let i = 0; i < 100; i++) {
      const vector = rowOf(first.vectors, i);
      expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
    }
  });

  it("averages the two triangles", () => {
    const off = 1 + 4e-11;
    expect(
      symmetricEigen(
        matrixFromRows([
          [0, 1],
          [off, 0],
        ]),
      ).values[1],
    ).toBeCloseTo((1 + off) / 2, 15);
  });

  it("refuses a selection outside of the matrix", () => {
    for (const range of [
      { from: -1, to: 2 },
      { from: 2, to: 1 },
      { from: 0, to: 61 },
      { from: 0.5, to: 2 },
    ]) {
      expect(() => symmetricEigen(randomSymmetric(60, random()), { select: () => range })).toThrow(
        expect.objectContaining({ code: "linalg/no-such-vectors" }),
      );
    }
  });

  it("gives the eigenvalues alone as with the vectors", () => {
    const matrix = randomSymmetric(150, random());
    const { values } = symmetricEigen(matrix);
    for (const [i, value] of symmetricEigenvalues(matrix).entries()) expect(Math.abs(value - values[i])).toBeLessThan(1e-13);
  });

  it.each([
    ["linalg/non-finite", [2, 2], [1, 0, 0, Number.NaN]],
    ["linalg/non-finite", [2, 2], [1, Infinity, Infinity, 1]],
    ["linalg/not-square", [2, 2], [1, 2, 3]],
    ["linalg/not-square", [1, 2], [1, 2]],
    ["linalg/not-symmetric", [2, 2], [1, 2, 2 + 1e-9, 1]],
  ] as const)("refuses with %s", (code, shape, entries) => {
    const matrix = { shape, values: Float64Array.from(entries) };
    expect(() => symmetricEigen(matrix)).toThrow(expect.objectContaining({ code }));
    expect(() => symmetricEigenvalues(matrix)).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  [0, 129],
  [64, 63],
  [70, 90],
])("sees one odd entry at row %d, column %d", (row, column) => {
  const { shape, values } = randomSymmetric(130, random());
  const odd = { shape, values: values.with(row * 130 + column, 7) };
  expect(() => symmetricEigen(odd)).toThrow(expect.objectContaining({ code: "linalg/not-symmetric" }));
});

describe("symmetricEigenAsync", () => {
  it.each([0, 1, 33, 130])("gives the bits of symmetricEigen, %d rows", async (size) => {
    const matrix = randomSymmetric(size, random());
    expect(await symmetricEigenAsync(matrix)).toEqual(symmetricEigen(matrix));
  });

  it("tells how far it is, from row to row and to the end", async () => {
    const shares: number[] = [];
    let pauses = 0;
    const pause = async () => void pauses++;
    await symmetricEigenAsync(randomSymmetric(130, random()), { pause, onProgress: (share) => shares.push(share) });
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBeLessThan(0.01);
    expect(shares.at(-1)).toBe(1);
    // The products of matrices have more entries than are counted only where a block is cut.
    expect(shares.at(-2)).toBeGreaterThan(0.7);
    expect(pauses).toBe(shares.length - 1);
    expect(pauses).toBeGreaterThan(130);
  });

  it("ends where a pause throws", async () => {
    let left = 5;
    const pause = async () => {
      if (left-- === 0) throw new Error("enough");
    };
    await expect(symmetricEigenAsync(randomSymmetric(60, random()), { pause })).rejects.toThrow("enough");
    expect(left).toBe(-1);
  });

  it("lets the event loop run", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await symmetricEigenAsync(randomSymmetric(300, random()), { pause: () => new Promise((resolve) => setTimeout(resolve, 0)) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it("refuses what symmetricEigen refuses", async () => {
    await expect(symmetricEigenAsync(matrixFromRows([[1, 2]]))).rejects.toMatchObject({ code: "linalg/not-square" });
  });
});
