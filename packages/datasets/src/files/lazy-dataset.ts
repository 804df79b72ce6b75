import { LetheError, hashDataset, validateDataset, type Dataset } from "@lethe/core";

export interface LazyDatasetInput {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly labels: Int32Array;
  readonly classCount: number;
  readonly classNames?: readonly string[];
  readonly ids: readonly string[];
  /** Writes the inputs at these positions, one after the other. */
  fill(positions: ArrayLike<number>, target: Float32Array): Promise<void>;
}

/** A data set whose inputs are fetched from elsewhere whenever they are read. @throws LetheError `data/empty`, `data/duplicate-id`, `data/label-out-of-range`. */
export function lazyDataset({ fill, ...input }: LazyDatasetInput): Dataset {
  const { name, inputShape, labels, ids } = input;
  const size = ids.length;
  const stride = inputShape.reduce((product, length) => product * length, 1);
  const content: Omit<Dataset, "hash"> = {
    ...input,
    size,
    async read(indices) {
      const positions = Uint32Array.from(indices);
      for (let i = 0; i < indices.length; i++) {
        if (positions[i] === indices[i] && indices[i] < size) continue;
        throw new LetheError("data/no-such-sample", `${name} has no sample at position ${indices[i]}; there are ${size}.`, {
          position: indices[i],
          size,
        });
      }
      const values = new Float32Array(positions.length * stride);
      await fill(positions, values);
      return { inputs: { shape: [positions.length, ...inputShape], values }, labels: Int32Array.from(positions, (position) => labels[position]) };
    },
  };
  let hash: Promise<string> | undefined;
  const dataset: Dataset = { ...content, hash: () => (hash ??= hashDataset(content)) };
  validateDataset(dataset);
  return dataset;
}
