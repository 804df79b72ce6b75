/** Decoded pixels by position, up to a number of bytes. */
export interface PixelCache {
  get(position: number): Uint8Array | undefined;
  set(position: number, pixels: Uint8Array): void;
}

/**
 * What came first stays. Training goes through all samples again and again, and there a cache that throws out what was used longest ago would throw out
 * each sample just before it is wanted; this one serves the same share in every epoch.
 */
export function createPixelCache(mostBytes: number): PixelCache {
  const kept = new Map<number, Uint8Array>();
  let bytes = 0;
  return {
    get: (position) => kept.get(position),
    set(position, pixels) {
      if (kept.has(position) || bytes + pixels.length > mostBytes) return;
      kept.set(position, pixels);
      bytes += pixels.length;
    },
  };
}
