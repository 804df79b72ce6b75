import { arrayDataset, subset, type Dataset } from "@lethe/core";
import { loadEmbedded } from "./embedded.ts";
import type { DatasetInformation, SplitDataset } from "./information.ts";
import { sampleId } from "./sample-id.ts";
import { scaled } from "./scaled.ts";

export const digitsInformation: DatasetInformation = {
  id: "digits",
  title: "UCI digits: handwritten digits, 8 x 8 pixels",
  samples: 1797,
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  licence: "CC-BY-4.0",
  attribution: "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository",
  source: "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
  made:
    "All rows of digits.csv of scikit-learn 1.2.1 (the test part of the UCI set), in their order, as bytes; split into 1,437 and 360 rows by " +
    "the index lists in scripts/selection. Made by scripts/make-embedded.mjs.",
  file: "digits.bin.gz",
  stride: 64,
  sha256: "01a487a3c0739704212e285e697d28a9164024a04e9402909315c59e9dd05479",
};

const trainSize = 1437;

export interface DigitsOptions {
  /** `"flat"` (default): inputs `[64]`; `"image"`: inputs `[8, 8, 1]`. Both row-major, so that the values are the same. */
  readonly shape?: "flat" | "image";
}

/**
 * UCI digits, all 1,797 samples: inputs `[n, 64] float32`, pixel / 16 in 0 .. 1, 10 classes.
 *
 * `train` (1,437) and `test` (360) are the split of Lethe's reference cases, in their order; `all` holds every sample in the order of the
 * original table, for splits of one's own. The id `digits-000178` names row 178 of that table, whichever of the three it is met in.
 *
 * @throws LetheError `data/unreadable`, `data/checksum` (both name the file).
 * @example
 * const { train, test } = await digits();
 * train.size; // 1437
 * test.inputShape; // [64]
 */
export async function digits(options: DigitsOptions = {}): Promise<SplitDataset & { readonly all: Dataset }> {
  // The URL is spelt out here, as a literal, because that is what bundlers look for.
  const content = await loadEmbedded(new URL("../data/digits.bin.gz", import.meta.url), digitsInformation);
  const { samples, classNames } = digitsInformation;
  const all = arrayDataset({
    name: "digits",
    inputs: scaled(content.pixels, 16),
    inputShape: options.shape === "image" ? [8, 8, 1] : [64],
    labels: content.labels,
    classCount: classNames.length,
    classNames,
    ids: Array.from({ length: samples }, (_, row) => sampleId("digits", row)),
  });
  return {
    train: subset(all, content.positions.subarray(0, trainSize), "digits-train"),
    test: subset(all, content.positions.subarray(trainSize), "digits-test"),
    all,
    information: digitsInformation,
  };
}
