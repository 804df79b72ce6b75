import * as tf from "@tensorflow/tfjs";
import { createRandom } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { projectionOut } from "./projection.ts";
import { packMoments, subtractMoments, unpackMoments } from "./statistics.ts";
import { protectedSubspace } from "./subspace.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const diagonal = (...values: number[]) =>
  packMoments(Float64Array.from(values.flatMap((value, i) => values.map((_, j) => (i === j ? value : 0)))), 1, values.length);

/** C = X^T X of n random vectors of length d. */
function moments(n: number, d: number, seed: string): Float64Array {
  const random = createRandom(seed);
  const x = Float64Array.from({ length: n * d }, (_, i) => random.normal() * (1 + (i % d)));
  return Float64Array.from({ length: d * d }, (_, at) => {
    let sum = 0;
    for (let row = 0; row < n; row++) sum += x[row * d + Math.floor(at / d)] * x[row * d + (at % d)];
    return sum;
  });
}

describe("statistics", () => {
  it("come out of packing as they went in, group by group", () => {
    const groups = ["a", "b", "c"].map((seed) => moments(9, 4, seed));
    const packed = packMoments(Float64Array.from(groups.flatMap((group) => [...group])), 3, 4);
    expect(packed.shape).toEqual([3, 10]);
    groups.forEach((group, i) => expect([...unpackMoments(packed, i, 4).values]).toEqual([...group]));
  });

  it("are refused where they are of another size", () => {
    expect(() => subtractMoments(diagonal(1, 2), diagonal(1, 2, 3))).toThrow(expect.objectContaining({ code: "artifact/other-model" }));
  });
});

describe("protected subspaces", () => {
  it("of what is left of diag(9, 4, 1) without diag(1, 1, 2): the negative direction has no energy", async () => {
    const left = subtractMoments(diagonal(9, 4, 1), diagonal(1, 1, 2));
    // S = sqrt(8), sqrt(3), 0 with shares 0.620, 1, 1; the repository's S = ..., 1 would have 0.508, 0.820, 1.
    expect(await protectedSubspace(left, 3, 0.9, "subset")).toMatchObject({ ranks: [1], side: "protected" });
    expect((await protectedSubspace(left, 3, 0.9, "class")).ranks).toEqual([2]);
    expect((await protectedSubspace(left, 3, 0.9, "subset")).negativeShare).toBeCloseTo(1 / 12, 12);
    expect((await protectedSubspace(diagonal(9, 4, 1), 3, 0.9, "subset")).negativeShare).toBe(0);
  });

  it("project as worked out by hand: G = [[1, 2, 3], [4, 5, 6]], P = diag(1, 1, 0)", async () => {
    const subspace = await protectedSubspace(diagonal(9, 4, 1), 3, 0.9, "subset");
    expect(subspace.ranks).toEqual([2]);
    // Kernels of tfjs have inputs first: G transposed.
    const gradient = tf.tensor2d([[1, 4], [2, 5], [3, 6]]); // prettier-ignore
    const projection = projectionOut(subspace, [3, 2], "dense");
    expect([...projection.apply(gradient).dataSync()]).toEqual([0, 0, 0, 0, 3, 6]);
  });

  it.each([
    [0.5, "protected"],
    [0.97, "free"],
  ] as const)("keep the narrower of the basis and its complement (tau %d: %s), which come to the same", async (tau, side) => {
    const d = 12;
    const packed = packMoments(moments(40, d, "narrow"), 1, d);
    const subspace = await protectedSubspace(packed, d, tau, "subset");
    expect(subspace.side).toBe(side);
    const [k] = subspace.ranks;
    expect(subspace.rows.shape).toEqual([1, side === "free" ? d - k : k, d]);
    expect(2 * subspace.rows.shape[1]).toBeLessThanOrEqual(d);
    const identity = tf.eye(d);
    const residual = projectionOut(subspace, [d, d], "dense").apply(identity) as tf.Tensor2D;
    // I - P: symmetric, idempotent, of trace d - k, and C (I - P) has the energy of the trailing eigenvalues alone.
    const squared = tf.matMul(residual, residual).dataSync();
    residual.dataSync().forEach((value, i) => expect(squared[i]).toBeCloseTo(value, 5));
    expect(tf.sum(tf.mul(residual, identity)).dataSync()[0]).toBeCloseTo(d - k, 4);
  });

  it("are one for each channel of a depthwise kernel", async () => {
    const [d, channels, multiplier] = [4, 3, 2];
    const each = Array.from({ length: channels }, (_, c) => moments(5 + 20 * c, d, `channel ${c}`));
    const packed = packMoments(Float64Array.from(each.flatMap((values) => [...values])), channels, d);
    const subspace = await protectedSubspace(packed, d, 0.75, "subset");
    const kernel = tf.tensor4d(
      Float32Array.from({ length: d * channels * multiplier }, (_, i) => Math.sin(i)),
      [2, 2, channels, multiplier],
    );
    const projected = projectionOut(subspace, kernel.shape, "depthwise").apply(kernel);
    expect(projected.shape).toEqual(kernel.shape);
    for (const [c, values] of each.entries()) {
      const alone = await protectedSubspace(packMoments(values, 1, d), d, 0.75, "subset");
      expect(alone.ranks).toEqual([subspace.ranks[c]]);
      const of = (tensor: tf.Tensor) => tf.reshape(tf.slice(tensor, [0, 0, c, 0], [2, 2, 1, multiplier]), [d, multiplier]);
      const expected = projectionOut(alone, [d, multiplier], "dense").apply(of(kernel)).dataSync();
      of(projected)
        .dataSync()
        .forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    }
  });

  it("leave everything with rank 0 and nothing with rank d", async () => {
    const packed = packMoments(moments(20, 3, "whole"), 1, 3);
    const kernel = tf.tensor2d([[1], [2], [3]]);
    expect([
      ...projectionOut(await protectedSubspace(packed, 3, 0, "subset"), [3, 1], "dense")
        .apply(kernel)
        .dataSync(),
    ]).toEqual([1, 2, 3]);
    expect([
      ...projectionOut(await protectedSubspace(packed, 3, 1, "subset"), [3, 1], "dense")
        .apply(kernel)
        .dataSync(),
    ]).toEqual([0, 0, 0]);
  });
});
