import { LetheError, type HostTensor } from "@lethe/core";
import type { Matrix } from "@lethe/core/linalg";

/**
 * Second moments C `[g, d, d]` of a layer's inputs as they are stored: `[g, d (d + 1) / 2] float64`, the upper triangles row by row. g is 1, or the
 * channels of a depthwise convolution, which have a matrix each.
 */
export type PackedMoments = HostTensor & { readonly values: Float64Array };

/**
 * The upper triangles of symmetric matrices.
 *
 * @param values `[g, d, d]`, of which only the upper triangles are read.
 * @example
 * Array.from(packMoments(Float64Array.of(1, 2, 2, 3), 1, 2).values); // [1, 2, 3]
 */
export function packMoments(values: Float64Array, groups: number, dimension: number): PackedMoments {
  const length = triangle(dimension);
  const packed = new Float64Array(groups * length);
  let at = 0;
  for (let row = 0; row < groups * dimension; row++) {
    const start = row * dimension;
    const upper = values.subarray(start + (row % dimension), start + dimension);
    packed.set(upper, at);
    at += upper.length;
  }
  return { shape: [groups, length], values: packed };
}

/** C `[d, d]` of one group, in full. */
export function unpackMoments({ values }: PackedMoments, group: number, dimension: number): Matrix {
  const full = new Float64Array(dimension * dimension);
  let at = group * triangle(dimension);
  for (let i = 0; i < dimension; i++) {
    for (let j = i; j < dimension; j++) full[i * dimension + j] = full[j * dimension + i] = values[at++];
  }
  return { shape: [dimension, dimension], values: full };
}

/** C_r = C - C_f. */
export function subtractMoments(all: PackedMoments, part: PackedMoments): PackedMoments {
  if (all.values.length !== part.values.length) {
    throw new LetheError("artifact/other-model", "The artifact's statistics are of layers of another size; prepare it again.", {
      artifact: all.values.length,
      model: part.values.length,
    });
  }
  const values = new Float64Array(all.values.length);
  for (let i = 0; i < values.length; i++) values[i] = all.values[i] - part.values[i];
  return { shape: all.shape, values };
}

function triangle(dimension: number): number {
  return (dimension * (dimension + 1)) / 2;
}
