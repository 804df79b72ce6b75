import { LetheError, computedDataset, type Dataset } from "@lethe/core";
import { sampleId } from "../sample-id.ts";
import type { ContentOptions } from "./content.ts";
import { readMat5, type MatArray } from "./mat5.ts";

export interface SvhnInput extends ContentOptions {
  /** Content of `train_32x32.mat`, `test_32x32.mat` or `extra_32x32.mat`. */
  readonly file: Uint8Array;
  /** Names the data set and, with the position in the file, its samples: `svhn-test-000123`. Default `"svhn"`. */
  readonly name?: string;
}

const side = 32;
const pixels = side * side;
const pictureBytes = 3 * pixels;
const digitNames: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * Street View House Numbers, cropped digits, from MATLAB files: inputs `[n, 32, 32, 3] float32`, pixel / 255 in 0 .. 1, 10 classes.
 *
 * The file's label 10 means the digit 0 and becomes class 0. Pixels stay bytes in memory and become floats when they are read.
 *
 * @throws LetheError those of {@link readMat5}; `data/missing-array` when there is no `X` or `y`, `data/shape-mismatch`,
 * `data/label-out-of-range`.
 * @see http://ufldl.stanford.edu/housenumbers
 * @example
 * const file = await readFile("train_32x32.mat");
 * const data = await svhnDataset({ file, name: "svhn-train" });
 * data.inputShape; // [32, 32, 3]
 * data.classNames?.[data.labels[0]]; // "1"
 */
export async function svhnDataset(input: SvhnInput): Promise<Dataset> {
  const { file, name = "svhn", source = "the SVHN file", ...limits } = input;
  const arrays = await readMat5(file, { source, ...limits });
  const images = named(arrays, "X", source);
  const labels = Array.from(named(arrays, "y", source).values);
  const bytes = images.values;
  if (!(bytes instanceof Uint8Array) || bytes.length !== pictureBytes * labels.length || !isPictures(images.shape) || labels.length === 0) {
    throw new LetheError(
      "data/shape-mismatch",
      `${source} has X of shape [${images.shape.join(", ")}] and ${labels.length} labels; [32, 32, 3, n] bytes and n labels, 1 or more, are needed.`,
      { source, shape: images.shape, labels: labels.length },
    );
  }
  return computedDataset({
    name,
    inputShape: [side, side, 3],
    labels: labels.map((label, position) => digit(label, position, source)),
    classCount: digitNames.length,
    classNames: digitNames,
    ids: labels.map((_, position) => sampleId(name, position)),
    write: (position, target) => writePixels(bytes.subarray(position * pictureBytes, (position + 1) * pictureBytes), target),
  });
}

function named(arrays: ReadonlyMap<string, MatArray>, name: string, source: string): MatArray {
  const array = arrays.get(name);
  if (array !== undefined) return array;
  const found = [...arrays.keys()];
  const sentence = `${source} holds no numeric array ${name}; it has ${found.join(", ") || "none"}. Is it one of the cropped-digits files?`;
  throw new LetheError("data/missing-array", sentence, { source, name, found });
}

/** MATLAB drops a last axis of length 1. */
function isPictures([height, width, channels, ...rest]: readonly number[]): boolean {
  return height === side && width === side && channels === 3 && rest.length <= 1;
}

function digit(label: number, position: number, source: string): number {
  if (Number.isInteger(label) && label >= 0 && label <= 10) return label % 10;
  throw new LetheError("data/label-out-of-range", `Label ${position} of ${source} is ${label}; digits are 1 to 9, and 10 for zero.`, {
    source,
    position,
    label,
  });
}

/** Column-major `[height, width, channel]` bytes to row-major values, each rounded once. */
function writePixels(bytes: Uint8Array, target: Float32Array | Int32Array): void {
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let channel = 0; channel < 3; channel++) {
        target[(row * side + column) * 3 + channel] = bytes[row + side * column + pixels * channel] / 255;
      }
    }
  }
}
