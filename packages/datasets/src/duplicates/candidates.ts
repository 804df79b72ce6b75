import type { Random } from "@lethe/core";
import { signatureLength } from "./signature.ts";

/** Numbers of a signature that have to fall into the same interval together, and how often that is tried with others. */
const together = 16;
const tables = signatureLength / together;
/** Width of the intervals, in thresholds. */
const width = 10;
/** In a crowd of look-alikes each is compared with its next so many on both sides, not with all. */
const crowd = 200;

/**
 * Pairs of rows that may be within `threshold` of each other, by locality-sensitive hashing (Datar et al. 2004, p-stable distributions) and then by the distance that the
 * signatures estimate. Every pair appears once, as `a * count + b` with a < b.
 *
 * A pair at distance t = `threshold` shares an interval of width 10 t with probability 0.92 in one number, and a table of 16 numbers with 0.26; it is missed by all 16
 * tables with a probability below 1%, a pair at t / 2 with one below 1e-5.
 *
 * @param signatures `[count, signatureLength]`
 * @param isAsked a pair is of interest where one of its two rows is.
 */
export function candidatePairs(
  signatures: Float32Array,
  count: number,
  threshold: number,
  isAsked: (row: number) => boolean,
  random: Random,
): Float64Array {
  const found = new Set<number>();
  const interval = width * threshold;
  // The estimate is off by 9%; four of these and more are allowed for.
  const limit = signatureLength * (1.4 * threshold) ** 2;
  const buckets = new Float64Array(count);
  for (let table = 0; table < tables; table++) {
    const from = table * together;
    const shifts = Float64Array.from({ length: together }, () => random.uniform() * interval);
    for (let row = 0; row < count; row++) buckets[row] = bucketOf(signatures, row * signatureLength + from, shifts, interval) * 2 ** 21 + row;
    buckets.sort();
    for (let i = 0; i < count; i++) {
      const bucket = Math.floor(buckets[i] / 2 ** 21);
      const row = buckets[i] % 2 ** 21;
      const last = Math.min(count, i + 1 + crowd);
      for (let j = i + 1; j < last && Math.floor(buckets[j] / 2 ** 21) === bucket; j++) {
        const other = buckets[j] % 2 ** 21;
        if (!isAsked(row) && !isAsked(other)) continue;
        // Within a bucket rows increase, so that row < other.
        const pair = row * count + other;
        if (!found.has(pair) && isWithin(signatures, row, other, limit)) found.add(pair);
      }
    }
  }
  return Float64Array.from(found).toSorted();
}

/** Rows that {@link candidatePairs} can tell apart. */
export const mostRows = 2 ** 21;

/** 32 bits of the intervals that the numbers fall into. */
function bucketOf(signatures: Float32Array, start: number, shifts: Float64Array, interval: number): number {
  let hash = 0x9e3779b9 | 0;
  for (let k = 0; k < together; k++) {
    hash = Math.imul(hash ^ Math.floor((signatures[start + k] + shifts[k]) / interval), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function isWithin(signatures: Float32Array, a: number, b: number, limit: number): boolean {
  let sum = 0;
  const [from, other] = [a * signatureLength, b * signatureLength];
  for (let i = 0; i < signatureLength; i++) {
    const difference = signatures[from + i] - signatures[other + i];
    sum += difference * difference;
    // Most pairs are seen to be far apart after a few numbers.
    if (sum > limit) return false;
  }
  return true;
}
