import { digits, digitsInformation } from "./digits.ts";
import { fashionInformation, fashionSample } from "./fashion-sample.ts";
import type { DatasetInformation, SplitDataset } from "./information.ts";

/** One line of a menu of data sets. */
export interface DatasetEntry {
  readonly id: "digits" | "fashion-sample";
  readonly title: string;
  /** Train and test together. */
  readonly samples: number;
  readonly classes: number;
  /** SPDX identifier. */
  readonly licence: string;
  load(): Promise<SplitDataset>;
}

/**
 * The embedded data sets. Nothing is read before `load()`.
 *
 * @example
 * listDatasets().map((entry) => entry.id); // ["digits", "fashion-sample"]
 */
export function listDatasets(): readonly DatasetEntry[] {
  return [
    { id: "digits", ...facts(digitsInformation), load: () => digits() },
    { id: "fashion-sample", ...facts(fashionInformation), load: () => fashionSample() },
  ];
}

function facts({ title, samples, classNames, licence }: DatasetInformation): Omit<DatasetEntry, "id" | "load"> {
  return { title, samples, classes: classNames.length, licence };
}
