import { LetheError, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import { fileDataset } from "./file-dataset.ts";
import { readRecords, readStart, type RecordFile } from "./record-file.ts";

const side = 32;
const plane = side * side;

export interface CifarFileDatasetInput {
  /** Paths of the binary files, in order: the samples of the second follow those of the first. */
  readonly files: readonly string[];
  /** Beginning of every id. */
  readonly name: string;
  /** Bytes before the pixels; the last one is the label. 1 for CIFAR-10, 2 for CIFAR-100 (coarse, then fine). Default 1. */
  readonly labelBytes?: 1 | 2;
  readonly classNames: readonly string[];
}

/**
 * CIFAR in its binary version, read by offsets: inputs `[n, 32, 32, 3] float32`, pixel / 255, red, green and blue side by side.
 *
 * In the file a record is the label bytes, then the planes of red, green and blue, each row-major.
 *
 * @throws LetheError `data/unreadable`, `data/truncated`, `data/empty`, `data/label-out-of-range`; when read, `data/changed`.
 * @example
 * const data = await cifarFileDataset({ files: ["data_batch_1.bin"], name: "cifar", classNames: ["airplane", "automobile"] });
 * data.inputShape; // [32, 32, 3]
 * data.ids[1]; // "cifar-000001"
 */
export async function cifarFileDataset({ files: paths, name, labelBytes = 1, classNames }: CifarFileDatasetInput): Promise<Dataset> {
  const files = await Promise.all(paths.map((path) => openRecords(path, labelBytes + 3 * plane)));
  const labels = new Int32Array(files.reduce((sum, { count }) => sum + count, 0));
  let first = 0;
  for (const file of files) {
    const start = first;
    await readRecords(
      file,
      Uint32Array.from({ length: file.count }, (_, position) => position),
      (record, index) => {
        labels[start + index] = record[labelBytes - 1];
      },
    );
    first += file.count;
  }
  return fileDataset({
    name,
    files,
    inputShape: [side, side, 3],
    labels,
    classCount: classNames.length,
    classNames,
    ids: Array.from(labels, (_, position) => sampleId(name, position)),
    decode(record, target) {
      for (let pixel = 0; pixel < plane; pixel++) {
        for (let channel = 0; channel < 3; channel++) target[3 * pixel + channel] = record[labelBytes + channel * plane + pixel] / 255;
      }
    },
  });
}

async function openRecords(path: string, stride: number): Promise<RecordFile> {
  const { bytes, modified } = await readStart(path, 0);
  if (bytes > 0 && bytes % stride === 0) return { path, start: 0, stride, count: bytes / stride, bytes, modified };
  throw new LetheError(
    "data/truncated",
    `${path} has ${bytes} bytes, which is no whole number of CIFAR records of ${stride} bytes; fetch it again.`,
    {
      path,
      bytes,
      stride,
    },
  );
}
