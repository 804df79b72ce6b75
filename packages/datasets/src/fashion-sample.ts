import { arrayDataset, type Dataset } from "@lethe/core";
import { loadEmbedded } from "./embedded.ts";
import type { DatasetInformation, SplitDataset } from "./information.ts";
import { sampleId } from "./sample-id.ts";
import { scaled } from "./scaled.ts";

export const fashionInformation: DatasetInformation = {
  id: "fashion-sample",
  title: "Fashion-MNIST, balanced sample: clothes, 28 x 28 pixels",
  samples: 2500,
  classNames: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  licence: "MIT",
  attribution: "Fashion-MNIST, copyright 2017 Zalando SE",
  source: "https://github.com/zalandoresearch/fashion-mnist",
  made:
    "200 training and 50 test images of each class, those of the index lists in scripts/selection and in their order, as bytes. " +
    "Made by scripts/make-embedded.mjs.",
  file: "fashion-sample.bin.gz",
  stride: 784,
  sha256: "bec6adc3e44716e8a7ac11c2ba0ac3793fef495504db7b2563109665dacd21e4",
};

const trainSize = 2000;

/**
 * A balanced sample of Fashion-MNIST: 2,000 training and 500 test images `[n, 28, 28, 1] float32`, pixel / 255 in 0 .. 1, 10 classes.
 *
 * The samples are those of Lethe's reference cases, in their order. The id `fashion-train-038199` names image 38,199 of the original
 * training file.
 *
 * @throws LetheError `data/unreadable`, `data/checksum` (both name the file).
 * @example
 * const { train, test } = await fashionSample();
 * train.size; // 2000
 * test.inputShape; // [28, 28, 1]
 */
export async function fashionSample(): Promise<SplitDataset> {
  const content = await loadEmbedded(new URL("../data/fashion-sample.bin.gz", import.meta.url), fashionInformation);
  const { samples, classNames, stride } = fashionInformation;
  const part = (name: "train" | "test", start: number, end: number): Dataset =>
    arrayDataset({
      name: `fashion-sample-${name}`,
      inputs: scaled(content.pixels.subarray(start * stride, end * stride), 255),
      inputShape: [28, 28, 1],
      labels: content.labels.subarray(start, end),
      classCount: classNames.length,
      classNames,
      ids: Array.from(content.positions.subarray(start, end), (position) => sampleId(`fashion-${name}`, position)),
    });
  return { train: part("train", 0, trainSize), test: part("test", trainSize, samples), information: fashionInformation };
}
