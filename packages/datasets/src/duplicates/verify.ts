import { aborted, elementCount, type Dataset } from "@lethe/core";
import { samplesAtOnce } from "./blocks.ts";
import type { Normalise } from "./likeness.ts";

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
}

/**
 * The pairs that really are within the threshold, nearest first. Inputs are read again, as many at once as a block holds.
 *
 * @param parts data sets one after the other: rows count through all of them.
 */
export async function verifiedPairs(
  parts: readonly Dataset[],
  pairs: readonly (readonly [number, number])[],
  normalise: Normalise,
  threshold: number,
  signal?: AbortSignal,
): Promise<readonly Pair[]> {
  const verified: Pair[] = [];
  for (const block of blocksOf(pairs, samplesAtOnce(parts[0]))) {
    if (signal?.aborted) throw aborted(signal);
    const vectors = await vectorsOf(
      parts,
      [...new Set(block.flat())].toSorted((a, b) => a - b),
      normalise,
    );
    for (const [a, b] of block) {
      const distance = distanceOf(vectors.get(a)!, vectors.get(b)!);
      if (distance <= threshold) verified.push({ a, b, distance });
    }
  }
  return verified.toSorted((one, other) => one.distance - other.distance || one.a - other.a || one.b - other.b);
}

/** Neighbouring pairs with so many different rows at most. */
function* blocksOf(pairs: readonly (readonly [number, number])[], most: number): Generator<readonly (readonly [number, number])[]> {
  let block: (readonly [number, number])[] = [];
  let rows = new Set<number>();
  for (const pair of pairs) {
    block.push(pair);
    rows.add(pair[0]).add(pair[1]);
    if (rows.size < most - 1) continue;
    yield block;
    block = [];
    rows = new Set();
  }
  if (block.length > 0) yield block;
}

async function vectorsOf(parts: readonly Dataset[], rows: readonly number[], normalise: Normalise): Promise<Map<number, Float64Array>> {
  const stride = elementCount(parts[0].inputShape);
  const vectors = new Map<number, Float64Array>();
  let offset = 0;
  for (const part of parts) {
    const own = rows.filter((row) => row >= offset && row < offset + part.size);
    const { inputs } = await part.read(own.map((row) => row - offset));
    own.forEach((row, i) => {
      const vector = new Float64Array(stride);
      normalise(inputs.values.subarray(i * stride, (i + 1) * stride), vector);
      vectors.set(row, vector);
    });
    offset += part.size;
  }
  return vectors;
}

function distanceOf(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += (u[i] - v[i]) ** 2;
  return Math.sqrt(sum);
}
