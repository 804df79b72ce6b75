import { elementCount, sha256, sha256OfParts, type HostTensor } from "../tree/index.ts";

/** Samples in host memory: inputs `[n, ...inputShape]` float32 (or int32 tokens) and labels `[n]` int32. */
export interface Samples {
  readonly inputs: HostTensor;
  readonly labels: Int32Array;
}

/** Facts about samples that a model does not see (a subgroup, a date, a source), by name; one entry per sample, `null` where unknown. */
export type Columns = Readonly<Record<string, readonly (string | number | null)[]>>;

/**
 * A labelled data set that is read by index, so that it may be larger than memory. Ids are stable names of samples: a deletion request
 * names ids, never positions. Ids and labels of all samples are at hand without reading any input.
 */
export interface Dataset {
  readonly name: string;
  readonly size: number;
  readonly classCount: number;
  readonly classNames?: readonly string[];
  /** Where inputs are ids of words: how many ids there are, 0 (padding) among them, so that a model can be built to fit. Not hashed. */
  readonly vocabulary?: number;
  /** Shape of one input, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly ids: readonly string[];
  /** Label of every sample, `0 <= label < classCount`. */
  readonly labels: Int32Array;
  /** For choosing samples by something other than their class; no part of the content that is hashed. */
  readonly columns?: Columns;
  /** The samples at these positions, in this order. */
  read(indices: ArrayLike<number>): Promise<Samples>;
  /** Content hash over ids, labels and inputs in order; see {@link hashDataset}. */
  hash(): Promise<string>;
}

/**
 * Names a data set without reading any input: a hash of ids, labels and shapes. Enough to tell whether an artifact goes with it, at no cost
 * per request; a data set whose inputs changed under the same ids is told apart by {@link Dataset.hash} only.
 */
export async function identifyDataset(dataset: Pick<Dataset, "classCount" | "inputShape" | "ids" | "labels">): Promise<string> {
  return sha256(JSON.stringify([dataset.classCount, dataset.inputShape, dataset.ids, [...dataset.labels]]));
}

const hashChunk = 1024;
/** Input values that are read at once for the hash: 32 MB, or one sample. */
const valuesAtOnce = 2 ** 23;

/**
 * SHA-256 over the hashes of chunks of 1,024 samples (ids, labels, input bytes): bounded memory for any size. Samples are read a few at a time, which
 * does not change the hash.
 */
export async function hashDataset(dataset: Omit<Dataset, "hash">): Promise<string> {
  const atOnce = Math.max(1, Math.floor(valuesAtOnce / Math.max(1, elementCount(dataset.inputShape))));
  const lines = [`${dataset.size} ${dataset.classCount} ${dataset.inputShape.join("x")}`];
  for (let start = 0; start < dataset.size; start += hashChunk) {
    const end = Math.min(start + hashChunk, dataset.size);
    const labels: number[] = [];
    const inputs = await sha256OfParts(inputBytes(dataset, start, end, atOnce, labels));
    lines.push(`${await sha256(JSON.stringify([dataset.ids.slice(start, end), labels]))} ${inputs}`);
  }
  return sha256(lines.join("\n"));
}

/** Bytes of the inputs from `start` to `end`; the labels that were read with them are added to `labels`. */
async function* inputBytes(dataset: Omit<Dataset, "hash">, start: number, end: number, atOnce: number, labels: number[]): AsyncGenerator<Uint8Array> {
  for (let first = start; first < end; first += atOnce) {
    const count = Math.min(atOnce, end - first);
    const { inputs, labels: read } = await dataset.read(Array.from({ length: count }, (_, i) => first + i));
    labels.push(...read);
    yield new Uint8Array(inputs.values.buffer, inputs.values.byteOffset, inputs.values.byteLength);
  }
}
