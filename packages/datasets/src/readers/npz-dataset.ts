import { LetheError, computedDataset, elementCount, validateDataset, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import type { ContentOptions } from "./content.ts";
import type { NpyArray } from "./npy.ts";
import { readNpz } from "./npz.ts";

export interface NpzDatasetInput extends ContentOptions {
  /** Content of the npz file. */
  readonly file: Uint8Array;
  /** Names the data set and, with the position in the file, its samples. Default `"npz"`. */
  readonly name?: string;
  /** Name of the array of inputs, `[n, ...]`. Default `"x"`. */
  readonly inputs?: string;
  /** Name of the array of labels, `[n]` or `[n, 1]`, whole numbers. Default `"y"`. */
  readonly labels?: string;
  /** Every input is divided by it. Default: 255 for bytes, 1 for any other element type. */
  readonly divisor?: number;
  /** Shape of one input. Default: that in the file, with a channel axis where it is `[height, width]`. */
  readonly inputShape?: readonly number[];
  /** `"int32"` for tokens. Default `"float32"`. */
  readonly elementType?: "float32" | "int32";
  /** Default: the number of class names, or one more than the largest label. */
  readonly classCount?: number;
  readonly classNames?: readonly string[];
}

/**
 * A data set from two arrays of an npz file. Values keep their type in memory and are divided when they are read. Grey images
 * `[n, height, width]` get a channel axis, so that `inputShape` is `[height, width, 1]`; `inputShape` says otherwise where they are no images.
 *
 * @throws LetheError those of {@link readNpz}; `data/missing-array`, `data/shape-mismatch`, `data/bad-labels`, `data/bad-divisor`,
 * `data/non-finite`, `data/empty`, `data/label-out-of-range`.
 * @example
 * const file = await readFile("mnist.npz");
 * const data = await npzDataset({ file, inputs: "x_train", labels: "y_train", name: "mnist-train" });
 * data.inputShape; // [28, 28, 1]
 * data.ids[0]; // "mnist-train-000000"
 */
export async function npzDataset(input: NpzDatasetInput): Promise<Dataset> {
  const { file, name = "npz", inputs = "x", labels = "y", classNames, elementType = "float32" } = input;
  const { source = "the npz file", mostBytes } = input;
  const arrays = await readNpz(file, { source, only: [inputs, labels], ...(mostBytes === undefined ? {} : { mostBytes }) });
  const x = named(arrays, inputs, source);
  const y = named(arrays, labels, source);
  expectPair(x, y, source);
  const { values, dtype, shape } = x;
  const divisor = input.divisor ?? (dtype === "uint8" && elementType === "float32" ? 255 : 1);
  if (!Number.isFinite(divisor) || divisor === 0) {
    throw new LetheError("data/bad-divisor", `Inputs cannot be divided by ${divisor}; give a finite number other than 0.`, { divisor });
  }
  const stride = elementCount(shape.slice(1));
  const inputShape = input.inputShape ?? (shape.length === 3 ? [...shape.slice(1), 1] : shape.slice(1));
  if (elementCount(inputShape) !== stride) {
    throw new LetheError("data/shape-mismatch", `${source} has inputs of ${stride} values, which do not fill the shape [${inputShape.join(", ")}].`, {
      source,
      expected: inputShape,
      found: shape.slice(1),
    });
  }
  expectRepresentable(values, divisor, elementType, (position) => `${inputs} of sample ${Math.floor(position / stride)} in ${source}`);
  const classCount = input.classCount ?? classNames?.length;
  const dataset = computedDataset({
    name,
    inputShape,
    labels: y.values,
    ...(classCount === undefined ? {} : { classCount }),
    ...(classNames === undefined ? {} : { classNames }),
    ids: Array.from(y.values, (_, position) => sampleId(name, position)),
    elementType,
    write(position, target) {
      for (let i = 0; i < stride; i++) target[i] = values[position * stride + i] / divisor;
    },
  });
  validateDataset(dataset);
  return dataset;
}

function named(arrays: ReadonlyMap<string, NpyArray>, name: string, source: string): NpyArray {
  const array = arrays.get(name);
  if (array !== undefined) return array;
  throw new LetheError("data/missing-array", `${source} holds no array ${name}; say which arrays are the inputs and the labels.`, { source, name });
}

function expectPair(x: NpyArray, y: NpyArray, source: string): void {
  const rows = y.shape.length === 1 || (y.shape.length === 2 && y.shape[1] === 1);
  if (!rows || x.shape.length < 2 || x.shape[0] !== y.shape[0]) {
    throw new LetheError(
      "data/shape-mismatch",
      `${source} has inputs of shape [${x.shape.join(", ")}] and labels [${y.shape.join(", ")}]; [n, ...] and [n] are needed.`,
      { source, inputs: x.shape, labels: y.shape },
    );
  }
  const odd = y.values.find((label) => !Number.isInteger(label) || label < 0);
  if (odd === undefined) return;
  throw new LetheError("data/bad-labels", `${source} holds the label ${odd}; labels are whole numbers from 0.`, { source, label: odd });
}

/** Every value must survive as the element type: finite, and for int32 whole and in range. */
function expectRepresentable(values: ArrayLike<number>, divisor: number, type: "float32" | "int32", place: (position: number) => string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] / divisor;
    if (type === "int32" ? value === (value | 0) : Number.isFinite(Math.fround(value))) continue;
    throw new LetheError("data/non-finite", `${place(i)} holds ${value}, which is no ${type}; mend or remove it first.`, { position: i, value });
  }
}
