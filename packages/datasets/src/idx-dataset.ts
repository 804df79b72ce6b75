import { LetheError, arrayDataset, validateDataset, type Dataset } from "@lethe/core";
import { readIdx, type IdxArray } from "./idx.ts";
import { sampleId } from "./sample-id.ts";
import { scaled } from "./scaled.ts";

export interface IdxDatasetInput {
  /** Content of the file of images (or other inputs), `[n, ...]`, plain or gzipped. */
  readonly images: Uint8Array;
  /** Content of the file of labels, `[n]`, integers, plain or gzipped. */
  readonly labels: Uint8Array;
  /** Names the data set and, with the position in the file, its samples: `mnist-000123`. Default `"idx"`. */
  readonly name?: string;
  /** Names of the two files, for errors. */
  readonly sources?: { readonly images?: string; readonly labels?: string };
  /** Every value is divided by it. Default: 255 for bytes, 1 for any other element type. */
  readonly divisor?: number;
  /** Default: the number of class names, or one more than the largest label. */
  readonly classCount?: number;
  readonly classNames?: readonly string[];
}

/**
 * A data set from a pair of IDX files. Grey images `[n, height, width]` get a channel axis, so that `inputShape` is `[height, width, 1]`;
 * other shapes stay. Inputs are held in memory as float32, 4 bytes a value.
 *
 * @throws LetheError those of {@link readIdx}; `data/shape-mismatch` when images and labels do not belong together; `data/bad-labels` when
 * labels are not integers; `data/bad-divisor`; `data/empty`, `data/label-out-of-range`.
 * @example
 * const images = new Uint8Array([0, 0, 0x08, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102]);
 * const labels = new Uint8Array([0, 0, 0x08, 1, 0, 0, 0, 2, 1, 0]);
 * const data = await idxDataset({ images, labels, name: "tiny" });
 * data.inputShape; // [1, 2, 1]
 * data.ids; // ["tiny-000000", "tiny-000001"]
 */
export async function idxDataset(input: IdxDatasetInput): Promise<Dataset> {
  const { name = "idx", classNames } = input;
  const sources = { images: "the file of images", labels: "the file of labels", ...input.sources };
  const images = await readIdx(input.images, { source: sources.images });
  const labels = await readIdx(input.labels, { source: sources.labels });
  expectIdxPair(images, labels, sources);
  const divisor = input.divisor ?? (images.values instanceof Uint8Array ? 255 : 1);
  if (!Number.isFinite(divisor) || divisor === 0) {
    throw new LetheError("data/bad-divisor", `Inputs cannot be divided by ${divisor}; give a finite number other than 0.`, { divisor });
  }
  const sampleShape = images.shape.slice(1);
  const classCount = input.classCount ?? classNames?.length;
  const dataset = arrayDataset({
    name,
    inputs: scaled(images.values, divisor),
    inputShape: sampleShape.length === 2 ? [...sampleShape, 1] : sampleShape,
    labels: labels.values,
    ...(classCount === undefined ? {} : { classCount }),
    ...(classNames === undefined ? {} : { classNames }),
    ids: Array.from(labels.values, (_, position) => sampleId(name, position)),
  });
  validateDataset(dataset);
  return dataset;
}

/** @throws LetheError `data/bad-labels`, `data/shape-mismatch`. */
export function expectIdxPair(
  images: Pick<IdxArray, "shape">,
  labels: IdxArray,
  sources: { readonly images: string; readonly labels: string },
): void {
  const facts = { sources, images: images.shape, labels: labels.shape };
  if (labels.values instanceof Float32Array || labels.values instanceof Float64Array) {
    throw new LetheError(
      "data/bad-labels",
      `${sources.labels} holds floating-point numbers; labels are integers. Are the two files exchanged?`,
      facts,
    );
  }
  if (labels.shape.length === 1 && images.shape.length >= 2 && images.shape[0] === labels.shape[0]) return;
  throw new LetheError(
    "data/shape-mismatch",
    `${sources.images} has shape [${images.shape.join(", ")}] and ${sources.labels} [${labels.shape.join(", ")}]; [n, ...] and [n] are needed.`,
    facts,
  );
}
