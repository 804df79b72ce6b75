import type { Random } from "../random/index.ts";

/** Distance from 1 to the next float64. */
export const machineEpsilon = 2 ** -52;

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Euclidean length, also where the squares would leave the range of float64. */
export function norm(vector: Float64Array): number {
  const sum = dot(vector, vector);
  if (sum > 1e-280 && sum < Infinity) return Math.sqrt(sum);
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let scaled = 0;
  for (const value of vector) scaled += (value / largest) ** 2;
  return largest * Math.sqrt(scaled);
}

/** `target += factor * vector`, in place: for vectors that the caller made itself. */
export function addScaled(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * vector[i];
}

/** `factor * vector`, fresh. */
export function scaled(factor: number, vector: Float64Array): Float64Array {
  const result = new Float64Array(vector.length);
  for (let i = 0; i < result.length; i++) result[i] = factor * vector[i];
  return result;
}

/** `vector / divisor`, fresh. The reciprocal of a denormal length would be infinite. */
export function divided(vector: Float64Array, divisor: number): Float64Array {
  const result = new Float64Array(vector.length);
  for (let i = 0; i < result.length; i++) result[i] = vector[i] / divisor;
  return result;
}

/** `a - b`, fresh. */
export function difference(a: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < result.length; i++) result[i] = a[i] - b[i];
  return result;
}

/**
 * Takes the components along an orthonormal `basis` out of `vector`, in place, and returns how long the rest is. Twice: once leaves, of a vector that
 * lies nearly in the span, a rest that is not orthogonal to it (Giraud, Langou and Rozloznik 2005, "twice is enough").
 */
export function orthogonalise(vector: Float64Array, basis: readonly Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++) for (const direction of basis) addScaled(vector, -dot(direction, vector), direction);
  return norm(vector);
}

/** Independent signs, +1 or -1 with equal odds: E[z z^T] = I with the least variance of any such probe. */
export function rademacher(dimension: number, random: Random): Float64Array {
  return Float64Array.from({ length: dimension }, () => (random.uniform() < 0.5 ? -1 : 1));
}

/** A direction drawn evenly from the unit sphere. */
export function unitVector(dimension: number, random: Random): Float64Array {
  const vector = Float64Array.from({ length: dimension }, () => random.normal());
  return divided(vector, norm(vector));
}
