import type { ContentOptions } from "./content.ts";
import { decodeNpy, type NpyArray } from "./npy.ts";
import { readZip } from "./zip.ts";

const extension = ".npy";

export interface NpzOptions extends ContentOptions {
  /** Decode these arrays only, so that an array of another kind beside them does no harm. Default: all. */
  readonly only?: readonly string[];
}

/**
 * The arrays of an npz file (`numpy.savez`, `numpy.savez_compressed`) by name; see {@link readNpy} for what becomes of each type. Checksums are
 * verified.
 *
 * @throws LetheError `data/bad-zip`, `data/too-large` (of all arrays together), and those of {@link readNpy}.
 * @example
 * const arrays = await readNpz(await readFile("two-moons.npz"));
 * arrays.get("y")?.dtype; // "int64"
 */
export async function readNpz(bytes: Uint8Array, options: NpzOptions = {}): Promise<ReadonlyMap<string, NpyArray>> {
  const { source = "the npz file", only, ...limits } = options;
  const files = readZip(bytes, { source, ...limits, ...(only ? { only: only.map((name) => name + extension) } : {}) });
  const arrays = new Map<string, NpyArray>();
  for (const [file, content] of files) {
    if (!file.endsWith(extension)) continue;
    const name = file.slice(0, -extension.length);
    arrays.set(name, decodeNpy(content, `${name} of ${source}`));
  }
  return arrays;
}
