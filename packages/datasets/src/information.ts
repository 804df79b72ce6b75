import type { Dataset } from "@lethe/core";

/** What an embedded data set is, whose it is, and how its file was made. */
export interface DatasetInformation {
  readonly id: string;
  readonly title: string;
  /** Train and test together. */
  readonly samples: number;
  readonly classNames: readonly string[];
  /** SPDX identifier; the text lies beside the data. */
  readonly licence: string;
  readonly attribution: string;
  readonly source: string;
  /** The rule by which the samples were chosen and ordered. */
  readonly made: string;
  /** Name in the package's `data` folder: gzip of pixels u8, labels u8 and positions u16 little-endian, one array after the other. */
  readonly file: string;
  /** Values of one sample. */
  readonly stride: number;
  /** Of the unpacked content. */
  readonly sha256: string;
}

export interface SplitDataset {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly information: DatasetInformation;
}
