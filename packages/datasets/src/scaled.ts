/** Each value divided by `divisor`, rounded once to float32 (not multiplied by a reciprocal, which would round twice). */
export function scaled(values: ArrayLike<number>, divisor: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = values[i] / divisor;
  return result;
}
