/** The power of two that brings the largest magnitude to between a half and one, where no square overflows; 1 for zeros. */
export function powerOfTwoScale(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 1;
  // 2^1023 is the largest power of two; for what is smaller than its inverse, a little less scaling does as well.
  return 2 ** Math.min(-Math.floor(Math.log2(largest)) - 1, 1022);
}

/** Numbers from row to row: four or more zeros after each, and no multiple of 512 bytes, which would put a column into a few lines of the cache. */
export function strideOf(length: number): number {
  const stride = Math.ceil((length + 4) / 8) * 8;
  return stride % 64 === 0 ? stride + 8 : stride;
}

/** Of entries equally large to rounding the first counts, so that a symmetric vector keeps its sign from machine to machine. */
export function signOfLargest(vector: Float64Array): 1 | -1 {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  for (const value of vector) if (Math.abs(value) >= largest * (1 - 1e-8)) return value < 0 ? -1 : 1;
  return 1;
}
