/**
 * Float bit patterns as integers in the order of the floats: neighbouring floats differ by 1, across 0 too. Its own inverse; of int32 values it
 * keeps neighbours neighbours, so that one code serves both.
 */
function ordered(bits: number): number {
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** Values split into what an entropy code can shorten, a symbol for each, and what it cannot. */
export interface SplitValues {
  readonly symbols: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * `values - base`, element by element in {@link ordered} integers modulo 2^32, zigzag (0, -1, 1, -2, ... become 0, 1, 2, 3, ...), each
 * split into its bit length (0 to 32), the symbol, and the bits below its leading one, laid one after the other from the lowest bit of the first
 * byte on.
 *
 * @param base as long as `values`.
 */
export function splitDifferences(values: Int32Array, base: Int32Array): SplitValues {
  const symbols = new Uint8Array(values.length);
  const words = new Int32Array(values.length + 1);
  let word = 0;
  let filled = 0;
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = (ordered(values[i]) - ordered(base[i])) | 0;
    const zigzag = (difference << 1) ^ (difference >> 31);
    const length = 32 - Math.clz32(zigzag);
    symbols[i] = length;
    if (length < 2) continue;
    const rest = zigzag & ((1 << (length - 1)) - 1);
    word |= rest << filled;
    filled += length - 1;
    if (filled < 32) continue;
    words[at++] = word;
    filled -= 32;
    word = filled === 0 ? 0 : rest >>> (length - 1 - filled);
  }
  words[at] = word;
  return { symbols, payload: new Uint8Array(words.buffer, 0, at * 4 + Math.ceil(filled / 8)) };
}

/** What {@link splitDifferences} was given; undefined where the parts do not belong together. */
export function joinDifferences({ symbols, payload }: SplitValues, base: Int32Array): Int32Array<ArrayBuffer> | undefined {
  let bits = 0;
  for (const length of symbols) {
    if (length > 32) return undefined;
    bits += Math.max(0, length - 1);
  }
  if (payload.length !== Math.ceil(bits / 8)) return undefined;
  // One word more than there are: a value that ends with a word looks into the next.
  const words = new Int32Array((payload.length >> 2) + 2);
  new Uint8Array(words.buffer).set(payload);
  const values = new Int32Array(symbols.length);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const length = symbols[i];
    let zigzag = length;
    if (length > 1) {
      const used = at & 31;
      const low = words[at >>> 5] >>> used;
      const high = used === 0 ? 0 : words[(at >>> 5) + 1] << (32 - used);
      const leading = 1 << (length - 1);
      zigzag = ((low | high) & (leading - 1)) | leading;
      at += length - 1;
    }
    const difference = (zigzag >>> 1) ^ -(zigzag & 1);
    values[i] = ordered((difference + ordered(base[i])) | 0);
  }
  return values;
}
