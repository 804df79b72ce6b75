import { LetheError, type Dataset } from "@lethe/core";
import { expectIdxPair } from "../idx-dataset.ts";
import { expectIdxLength, longestHeaderBytes, readIdx, readIdxHeader } from "../idx.ts";
import { sampleId } from "../sample-id.ts";
import { fileDataset } from "./file-dataset.ts";
import { readStart } from "./record-file.ts";
import { readWhole } from "./read-whole.ts";

export interface IdxFileDatasetInput {
  /** Path of the images; plain IDX, for an offset in a gzipped file cannot be read. */
  readonly images: string;
  /** Path of the labels, plain or gzipped. */
  readonly labels: string;
  /** Beginning of every id. Default `"idx"`. */
  readonly name?: string;
  /** Default: 255 for bytes, 1 for any other element type. */
  readonly divisor?: number;
  readonly classCount?: number;
  readonly classNames?: readonly string[];
}

/**
 * The data set that `idxDataset` makes of the same files, same ids and same hash, but read by offsets: no image stays in memory.
 *
 * @throws LetheError those of `idxDataset`; `data/unreadable`, `data/compressed`; when read, `data/changed`.
 * @example
 * const data = await idxFileDataset({ images: "train-images", labels: "train-labels.gz", name: "own" });
 * data.inputShape; // [28, 28, 1]
 * data.ids[1]; // "own-000001"
 */
export async function idxFileDataset({ images, labels, name = "idx", ...options }: IdxFileDatasetInput): Promise<Dataset> {
  const file = await readStart(images, longestHeaderBytes);
  if (file.start[0] === 0x1f && file.start[1] === 0x8b) {
    throw new LetheError("data/compressed", `${images} is gzipped, so that images cannot be read by their place in it; unpack it first.`, {
      path: images,
    });
  }
  const header = readIdxHeader(file.start, images);
  const { type, shape, dataStart, elements } = header;
  expectIdxLength(file.bytes, header, images);
  const read = await readIdx(await readWhole(labels), { source: labels });
  expectIdxPair({ shape }, read, { images, labels });
  const { classNames, divisor = type.name === "u8" ? 255 : 1 } = options;
  const sampleShape = shape.slice(1);
  const size = shape[0];
  const own = Int32Array.from(read.values);
  return fileDataset({
    name,
    files: [{ ...file, path: images, start: dataStart, stride: (elements / size) * type.bytes, count: size }],
    inputShape: sampleShape.length === 2 ? [...sampleShape, 1] : sampleShape,
    labels: own,
    classCount: options.classCount ?? classNames?.length ?? own.reduce((most, label) => Math.max(most, label), -1) + 1,
    ...(classNames === undefined ? {} : { classNames }),
    ids: Array.from(own, (_, position) => sampleId(name, position)),
    decode(record, target) {
      const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
      for (let i = 0; i < target.length; i++) target[i] = type.get(view, i * type.bytes) / divisor;
    },
  });
}
