import { describe, expect, it } from "vitest";
import { pairsAlong, type Axis } from "./axis.ts";
import { planProducts, runsOf } from "./windows.ts";

const axis = (input: number): Axis => ({ input, windows: input, taps: 3, stride: 1, dilation: 1, before: 1 });

describe("windows of three taps in zeros", () => {
  it("have seven segments along an axis, and none that lies outside", () => {
    const { segments, between } = pairsAlong(axis(6));
    expect(segments).toHaveLength(7);
    expect(between[0][0].flatMap((id) => placesOf(segments[id]))).toEqual([0, 1, 2, 3, 4]);
    expect(between[1][1].flatMap((id) => placesOf(segments[id]))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(between[2][2].flatMap((id) => placesOf(segments[id]))).toEqual([1, 2, 3, 4, 5]);
    expect(between[0][2].flatMap((id) => placesOf(segments[id]))).toEqual([0, 1, 2, 3]);
    expect(between[0][1]).toEqual(between[1][2]);
  });

  it("share 29 products over each place of an image and each of 13 distances once", () => {
    const { products, blocks } = planProducts({ rows: axis(6), columns: axis(5), channels: 1 });
    expect(products).toHaveLength(29);
    expect(blocks).toHaveLength(45);
    const pairs = products.flatMap((product) => {
      const { firsts, length, step, shift } = runsOf(product, 5);
      return firsts.flatMap((first) => Array.from({ length }, (_, m) => `${first + m * step} ${shift} ${product.columns.shift}`));
    });
    // 6 - down times 5 - across, over all distances of which one of a pair of opposite ones is counted.
    const expected = [0, 1, 2].flatMap((down) =>
      [-2, -1, 0, 1, 2].map((across) => (down > 0 || across >= 0 ? (6 - down) * (5 - Math.abs(across)) : 0)),
    );
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).toHaveLength(expected.reduce((a, b) => a + b));
  });
});

function placesOf({ start, step, count }: { start: number; step: number; count: number }): number[] {
  return Array.from({ length: count }, (_, m) => start + m * step);
}
