import { LetheError } from "../errors/index.ts";
import { elementCount } from "../tree/index.ts";
import { computedDataset } from "./computed-dataset.ts";
import type { Columns, Dataset } from "./dataset.ts";

export interface ArrayDatasetInput {
  readonly name?: string;
  /** All inputs one after the other, `size x inputShape` values. */
  readonly inputs: Float32Array | Int32Array;
  readonly inputShape: readonly number[];
  readonly labels: ArrayLike<number>;
  /** Default: one more than the largest label. */
  readonly classCount?: number;
  readonly classNames?: readonly string[];
  /** Number of ids, where inputs are ids of words. */
  readonly vocabulary?: number;
  /** Default: `"0"`, `"1"`, ... */
  readonly ids?: readonly string[];
  readonly columns?: Columns;
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
  const { inputs, name = "arrays", ...rest } = input;
  const size = input.labels.length;
  const stride = elementCount(input.inputShape);
  if (inputs.length !== size * stride) {
    throw new LetheError("data/shape-mismatch", `${size} labels do not fit ${inputs.length} input values of ${stride} per sample.`, {
      labels: size,
      values: inputs.length,
      inputShape: input.inputShape,
    });
  }
  return computedDataset({
    ...rest,
    name,
    elementType: inputs instanceof Float32Array ? "float32" : "int32",
    write: (position, target) => target.set(inputs.subarray(position * stride, (position + 1) * stride)),
  });
}
