import { LetheError, type Dataset } from "@lethe/core";
import { longestNpyStart, npyHeader, type NpyHeader } from "../readers/npy-header.ts";
import { sampleId } from "../sample-id.ts";
import { fileDataset } from "./file-dataset.ts";
import { readRecords, readStart, type RecordFile } from "./record-file.ts";

export interface NpyFileDatasetInput {
  /** Path of the inputs `[n, ...]`. */
  readonly inputs: string;
  /** Path of the labels `[n]`, whole numbers. */
  readonly labels: string;
  /** Beginning of every id. Default `"npy"`. */
  readonly name?: string;
  /** Every value is divided by it. Default: 255 for `uint8`, 1 for any other type. */
  readonly divisor?: number;
  readonly classCount?: number;
  readonly classNames?: readonly string[];
}

/**
 * A data set from two NumPy `.npy` files, read by offsets: no input stays in memory. Grey images `[n, height, width]` get a channel axis.
 *
 * @throws LetheError `data/unreadable`, `data/bad-magic`, `data/bad-npy`, `data/unsupported-dtype`, `data/fortran-order`, `data/truncated`,
 * `data/over-long`, `data/shape-mismatch`, `data/bad-labels`, `data/inexact-integer`, `data/empty`; when read, `data/changed`.
 * @example
 * const data = await npyFileDataset({ inputs: "x.npy", labels: "y.npy" });
 * data.inputShape; // [2]
 * (await data.read([1])).inputs.values; // Float32Array [3, 4]
 */
export async function npyFileDataset({ inputs, labels, name = "npy", ...options }: NpyFileDatasetInput): Promise<Dataset> {
  const samples = await openArray(inputs);
  const classes = await openArray(labels);
  expectPair(samples, classes);
  const own = await readLabels(classes);
  const { classNames } = options;
  const { shape, type } = samples.header;
  const sampleShape = shape.slice(1);
  const divisor = options.divisor ?? (type.name === "uint8" ? 255 : 1);
  const valueOf = valueReader(samples);
  return fileDataset({
    name,
    files: [samples.file],
    inputShape: sampleShape.length === 2 ? [...sampleShape, 1] : sampleShape,
    labels: own,
    classCount: options.classCount ?? classNames?.length ?? own.reduce((most, label) => Math.max(most, label), -1) + 1,
    ...(classNames === undefined ? {} : { classNames }),
    ids: Array.from(own, (_, position) => sampleId(name, position)),
    decode(record, target) {
      for (let i = 0; i < target.length; i++) target[i] = valueOf(record, i) / divisor;
    },
  });
}

interface OpenArray {
  readonly file: RecordFile;
  readonly header: NpyHeader;
}

async function openArray(path: string): Promise<OpenArray> {
  const { start, bytes, modified } = await readStart(path, longestNpyStart);
  const header = npyHeader(start, path, bytes);
  const { shape, type, dataStart, columnMajor } = header;
  if (columnMajor && shape.length > 1) {
    const sentence = `${path} is in Fortran order, in which a sample does not lie in one piece; save numpy.ascontiguousarray of it.`;
    throw new LetheError("data/fortran-order", sentence, { source: path });
  }
  const [count = 1, ...rest] = shape;
  const stride = type.bytes * rest.reduce((product, size) => product * size, 1);
  return { file: { path, start: dataStart, stride, count, bytes, modified }, header };
}

/** Reads the values of a record one after the other. */
function valueReader({ file: { path }, header: { type, littleEndian } }: OpenArray): (record: Uint8Array, index: number) => number {
  return (record, index) => {
    const value = type.get(new DataView(record.buffer, record.byteOffset, record.byteLength), index * type.bytes, littleEndian);
    if (value !== undefined) return value;
    throw new LetheError("data/inexact-integer", `${path} holds a value of type ${type.name} beyond 2^53, which no JavaScript number can hold.`, {
      source: path,
      type: type.name,
    });
  };
}

function expectPair(inputs: OpenArray, labels: OpenArray): void {
  if (labels.header.shape.length === 1 && inputs.header.shape.length >= 2 && inputs.header.shape[0] === labels.header.shape[0]) return;
  throw new LetheError(
    "data/shape-mismatch",
    `${inputs.file.path} has shape [${inputs.header.shape.join(", ")}] and ${labels.file.path} [${labels.header.shape.join(", ")}]; [n, ...] and [n] are needed.`,
    { inputs: inputs.header.shape, labels: labels.header.shape },
  );
}

async function readLabels(array: OpenArray): Promise<Int32Array> {
  const { file } = array;
  const labels = new Int32Array(file.count);
  const valueOf = valueReader(array);
  await readRecords(
    file,
    Uint32Array.from({ length: file.count }, (_, position) => position),
    (record, index) => {
      const label = valueOf(record, 0);
      labels[index] = label;
      if (labels[index] === label && label >= 0) return;
      throw new LetheError("data/bad-labels", `${file.path} holds the label ${label}; labels are whole numbers from 0.`, { label, path: file.path });
    },
  );
  return labels;
}
