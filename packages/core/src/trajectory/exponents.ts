import type { SplitValues } from "./bit-lengths.ts";

/**
 * Float bit patterns, where there is nothing to take a difference with, split into exponents, which have few values and an entropy code
 * shortens, and 24 bits of sign and fraction each, which nothing shortens.
 */
export function splitExponents(values: Int32Array): SplitValues {
  const symbols = new Uint8Array(values.length);
  const payload = new Uint8Array(3 * values.length);
  for (let i = 0, at = 0; i < values.length; i++) {
    // The sign turns round to the lowest bit, so that the exponent has a byte of its own.
    const turned = (values[i] << 1) | (values[i] >>> 31);
    symbols[i] = turned >>> 24;
    payload[at++] = turned;
    payload[at++] = turned >>> 8;
    payload[at++] = turned >>> 16;
  }
  return { symbols, payload };
}

/** What {@link splitExponents} was given; undefined where the parts do not belong together. */
export function joinExponents({ symbols, payload }: SplitValues): Int32Array<ArrayBuffer> | undefined {
  if (payload.length !== 3 * symbols.length) return undefined;
  const values = new Int32Array(symbols.length);
  for (let i = 0, at = 0; i < values.length; i++) {
    const turned = payload[at++] | (payload[at++] << 8) | (payload[at++] << 16) | (symbols[i] << 24);
    values[i] = (turned >>> 1) | (turned << 31);
  }
  return values;
}
