import { sha256, type HostTensor } from "../tree/index.ts";

/** Samples in host memory: inputs `[n, ...inputShape]` float32 (or int32 tokens) and labels `[n]` int32. */
export interface Samples {
  readonly inputs: HostTensor;
  readonly labels: Int32Array;
}

/**
 * A labelled data set that is read by index, so that it may be larger than memory. Ids are stable names of samples: a deletion request
 * names ids, never positions. Ids and labels of all samples are at hand without reading any input.
 */
export interface Dataset {
  readonly name: string;
  readonly size: number;
  readonly classCount: number;
  readonly classNames?: readonly string[];
  /** Shape of one input, without the batch axis. */
  readonly inputShape: readonly number[];
  readonly ids: readonly string[];
  /** Label of every sample, `0 <= label < classCount`. */
  readonly labels: Int32Array;
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

/** SHA-256 over the hashes of chunks of 1,024 samples (ids, labels, input bytes): bounded memory for any size. */
export async function hashDataset(dataset: Omit<Dataset, "hash">): Promise<string> {
  const lines = [`${dataset.size} ${dataset.classCount} ${dataset.inputShape.join("x")}`];
  for (let start = 0; start < dataset.size; start += hashChunk) {
    const count = Math.min(hashChunk, dataset.size - start);
    const { inputs, labels } = await dataset.read(Array.from({ length: count }, (_, i) => start + i));
    const bytes = new Uint8Array(inputs.values.buffer, inputs.values.byteOffset, inputs.values.byteLength);
    const names = JSON.stringify([dataset.ids.slice(start, start + count), [...labels]]);
    lines.push(`${await sha256(names)} ${await sha256(bytes)}`);
  }
  return sha256(lines.join("\n"));
}
