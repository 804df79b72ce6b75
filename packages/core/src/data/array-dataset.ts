import { LetheError } from "../errors/index.ts";
import { elementCount } from "../tree/index.ts";
import { expectPositions } from "./validate.ts";
import { hashDataset, type Dataset } from "./dataset.ts";

export interface ArrayDatasetInput {
  readonly name?: string;
  /** All inputs one after the other, `size x inputShape` values. */
  readonly inputs: Float32Array | Int32Array;
  readonly inputShape: readonly number[];
  readonly labels: ArrayLike<number>;
  /** Default: one more than the largest label. */
  readonly classCount?: number;
  readonly classNames?: readonly string[];
  /** Default: `"0"`, `"1"`, ... */
  readonly ids?: readonly string[];
}

/**
 * A data set over arrays in memory. The arrays are borrowed, not copied.
 *
 * @throws LetheError `data/shape-mismatch` when the lengths do not fit each other, `data/label-out-of-range` for a label that is no whole number.
 * @example
 * const data = arrayDataset({ inputs: new Float32Array([0, 0, 1, 1]), inputShape: [2], labels: [0, 1] });
 * data.size; // 2
 */
export function arrayDataset(input: ArrayDatasetInput): Dataset {
  const { inputs, inputShape, classNames } = input;
  const odd = Array.from(input.labels).find((label) => !Number.isInteger(label) || label < 0);
  if (odd !== undefined) throw new LetheError("data/label-out-of-range", `The label ${odd} is no class; classes are whole numbers from 0.`, { label: odd });
  const labels = Int32Array.from(input.labels);
  const size = labels.length;
  const stride = elementCount(inputShape);
  const ids = input.ids ?? Array.from({ length: size }, (_, index) => String(index));
  if (inputs.length !== size * stride || ids.length !== size) {
    throw new LetheError(
      "data/shape-mismatch",
      `${size} labels and ${ids.length} ids do not fit ${inputs.length} input values of ${stride} per sample.`,
      { labels: size, ids: ids.length, values: inputs.length, inputShape },
    );
  }
  const content: Omit<Dataset, "hash"> = {
    name: input.name ?? "arrays",
    size,
    classCount: input.classCount ?? labels.reduce((most, label) => Math.max(most, label), -1) + 1,
    ...(classNames ? { classNames } : {}),
    inputShape: [...inputShape],
    ids,
    labels,
    async read(indices) {
      expectPositions(indices, size, input.name ?? "arrays");
      const Values = inputs instanceof Float32Array ? Float32Array : Int32Array;
      const values = new Values(indices.length * stride);
      for (let i = 0; i < indices.length; i++) {
        values.set(inputs.subarray(indices[i] * stride, (indices[i] + 1) * stride), i * stride);
      }
      return { inputs: { shape: [indices.length, ...inputShape], values }, labels: Int32Array.from(indices, (index) => labels[index]) };
    },
  };
  let hash: Promise<string> | undefined;
  return { ...content, hash: () => (hash ??= hashDataset(content)) };
}
