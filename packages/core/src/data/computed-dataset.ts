import { LetheError } from "../errors/index.ts";
import { elementCount } from "../tree/index.ts";
import { expectPositions } from "./validate.ts";
import { hashDataset, type Columns, type Dataset } from "./dataset.ts";

export interface ComputedDatasetInput {
  readonly name: string;
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
  /** Default `"float32"`; `"int32"` for tokens. */
  readonly elementType?: "float32" | "int32";
  /** Puts the input at `position` into `target`, which has room for exactly one sample and holds zeros. */
  write(position: number, target: Float32Array | Int32Array): void;
}

/**
 * A data set whose inputs are made when they are read, so that a compact form of them (pixels as bytes, say) is all that stays in memory.
 *
 * @throws LetheError `data/shape-mismatch` when labels, ids or columns differ in length, `data/label-out-of-range` for a label that is no
 * whole number.
 * @example
 * const pixels = Uint8Array.of(0, 51, 255, 102);
 * const data = computedDataset({
 *   name: "two pixels each",
 *   inputShape: [2],
 *   labels: [0, 1],
 *   write: (position, target) => target.forEach((_, i) => (target[i] = pixels[2 * position + i] / 255)),
 * });
 * (await data.read([1])).inputs.values; // Float32Array [1, 0.4]
 */
export function computedDataset(input: ComputedDatasetInput): Dataset {
  const { name, classNames, vocabulary, columns, elementType = "float32" } = input;
  const inputShape = [...input.inputShape];
  const labels = wholeLabels(input.labels);
  const size = labels.length;
  const stride = elementCount(inputShape);
  const ids = input.ids ?? Array.from({ length: size }, (_, index) => String(index));
  expectLength("ids", ids, size);
  for (const [column, values] of Object.entries(columns ?? {})) expectLength(column, values, size);
  const Values = elementType === "int32" ? Int32Array : Float32Array;
  const content: Omit<Dataset, "hash"> = {
    name,
    size,
    classCount: input.classCount ?? labels.reduce((most, label) => Math.max(most, label), -1) + 1,
    ...(classNames ? { classNames } : {}),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    inputShape,
    ids,
    labels,
    ...(columns ? { columns } : {}),
    async read(indices) {
      expectPositions(indices, size, name);
      const values = new Values(indices.length * stride);
      for (let i = 0; i < indices.length; i++) input.write(indices[i], values.subarray(i * stride, (i + 1) * stride));
      return { inputs: { shape: [indices.length, ...inputShape], values }, labels: Int32Array.from(indices, (index) => labels[index]) };
    },
  };
  let hash: Promise<string> | undefined;
  return { ...content, hash: () => (hash ??= hashDataset(content)) };
}

function wholeLabels(labels: ArrayLike<number>): Int32Array {
  for (let i = 0; i < labels.length; i++) {
    if (Number.isInteger(labels[i]) && labels[i] >= 0) continue;
    throw new LetheError("data/label-out-of-range", `The label ${labels[i]} is no class; classes are whole numbers from 0.`, { label: labels[i] });
  }
  return Int32Array.from(labels);
}

function expectLength(name: string, list: ArrayLike<unknown>, size: number): void {
  if (list.length === size) return;
  throw new LetheError("data/shape-mismatch", `${size} labels do not fit ${list.length} entries of ${name}; there is one of each per sample.`, {
    labels: size,
    list: name,
    entries: list.length,
  });
}
