import type { HostTensor } from "@lethe/core";

/** The bits of inputs `[n, stride]` as whole numbers, and how many there are of each. */
export function wordsOf({ buffer, byteOffset, byteLength }: HostTensor["values"]): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

/**
 * A 128-bit hash of some words: four murmur3-style lanes, each of which sees every word and the lane before it. Equal bits, equal keys; that two inputs of 60,000 with
 * different bits share a key by chance has a probability of about 1e-29. Not meant to withstand someone who wants a collision.
 */
export function contentKey(words: Int32Array, start: number, end: number): string {
  let [a, b, c, d] = [0x9e3779b9 | 0, 0x243f6a88, 0xb7e15162 | 0, 0xdeadbeef | 0];
  for (let i = start; i < end; i++) {
    const word = words[i];
    a = b ^ scramble(a ^ word, 0xcc9e2d51);
    b = c ^ scramble(b ^ word, 0x1b873593);
    c = d ^ scramble(c ^ word, 0x85ebca6b);
    d = a ^ scramble(d ^ word, 0xc2b2ae35);
  }
  a = scramble(a ^ d, 0x85ebca6b);
  b = scramble(b ^ a, 0xc2b2ae35);
  c = scramble(c ^ b, 0xcc9e2d51);
  d = scramble(d ^ c, 0x1b873593);
  return String.fromCharCode(...[a, b, c, d].flatMap((lane) => [lane & 0xffff, lane >>> 16]));
}

function scramble(value: number, factor: number): number {
  const product = Math.imul(value, factor);
  return product ^ (product >>> 15);
}
