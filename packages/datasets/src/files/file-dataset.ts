import type { Dataset } from "@lethe/core";
import { lazyDataset, type LazyDatasetInput } from "./lazy-dataset.ts";
import { readRecords, type RecordFile } from "./record-file.ts";

export interface FileDatasetInput extends Omit<LazyDatasetInput, "fill"> {
  /** Together they hold as many records as there are labels. */
  readonly files: readonly RecordFile[];
  /** Puts one record into `target`, which has room for one input. */
  decode(record: Uint8Array, target: Float32Array): void;
}

/**
 * A data set over records of one length: a batch is read from the places where its samples lie, and nothing else is held in memory.
 *
 * @throws LetheError `data/empty`, `data/duplicate-id`, `data/label-out-of-range`; when read, `data/unreadable`, `data/changed`.
 * @example
 * const { size, mtimeMs } = await stat("pairs.bin");
 * const data = fileDataset({
 *   name: "pairs",
 *   files: [{ path: "pairs.bin", start: 0, stride: 2, count: 2, bytes: size, modified: mtimeMs }],
 *   inputShape: [2],
 *   labels: Int32Array.of(0, 1),
 *   classCount: 2,
 *   ids: ["a", "b"],
 *   decode: (record, target) => target.set(record),
 * });
 * (await data.read([1])).inputs.values; // Float32Array [3, 4]
 */
export function fileDataset({ files, decode, ...input }: FileDatasetInput): Dataset {
  const stride = input.inputShape.reduce((product, length) => product * length, 1);
  return lazyDataset({
    ...input,
    async fill(positions, target) {
      let first = 0;
      for (const file of files) {
        const here = Uint32Array.from(positions, (_, index) => index).filter(
          (index) => positions[index] >= first && positions[index] < first + file.count,
        );
        const start = first;
        if (here.length > 0) {
          await readRecords(
            file,
            here.map((index) => positions[index] - start),
            (record, index) => decode(record, target.subarray(here[index] * stride, (here[index] + 1) * stride)),
          );
        }
        first += file.count;
      }
    },
  });
}
