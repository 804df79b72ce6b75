import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LetheError, aborted } from "@lethe/core";
import { decodePng } from "../image-folder/decode-pure.ts";

/** Labels of all batches of a part, in a JSON list, and the batches in order. */
export interface CifarPart {
  readonly labels: string;
  /** Names without ending. */
  readonly batches: readonly string[];
}

const pixels = 32 * 32;

/**
 * Makes `NAME.bin` of `NAME.png`: of pictures that are rows of 1024 pixels, records in the layout of CIFAR's binary version (label, red, green, blue).
 *
 * @throws LetheError `data/bad-image`, `data/bad-labels`.
 */
export async function convertCifarStrips(folder: string, parts: readonly CifarPart[], signal: AbortSignal): Promise<void> {
  for (const { labels: labelsName, batches } of parts) {
    const labels: unknown = JSON.parse(await readFile(join(folder, labelsName), "utf8"));
    let first = 0;
    for (const batch of batches) {
      if (signal.aborted) throw aborted(signal);
      const records = await recordsOf(join(folder, `${batch}.png`), labels, first);
      first += records.length / (1 + 3 * pixels);
      await writeFile(join(folder, `${batch}.part`), records);
      await rename(join(folder, `${batch}.part`), join(folder, `${batch}.bin`));
    }
  }
}

async function recordsOf(path: string, labels: unknown, first: number): Promise<Uint8Array> {
  const { width, height, pixels: rgb } = decodePng(await readFile(path));
  if (width !== pixels)
    throw new LetheError("data/bad-image", `${path} is ${width} pixels wide where a picture takes ${pixels}; fetch it again.`, { path, width });
  const records = new Uint8Array(height * (1 + 3 * pixels));
  for (let row = 0; row < height; row++) {
    const record = records.subarray(row * (1 + 3 * pixels), (row + 1) * (1 + 3 * pixels));
    record[0] = labelAt(labels, first + row, path);
    for (let i = 0; i < 3 * pixels; i++) record[1 + (i % 3) * pixels + Math.floor(i / 3)] = rgb[row * 3 * pixels + i];
  }
  return records;
}

function labelAt(labels: unknown, position: number, path: string): number {
  const label: unknown = Array.isArray(labels) ? labels[position] : undefined;
  if (typeof label === "number" && Number.isInteger(label) && label >= 0 && label < 256) return label;
  throw new LetheError("data/bad-labels", `There is no label for picture ${position}, which is in ${path}; fetch it again.`, { path, position });
}
