/**
 * Data sets: two small samples that come with the package (UCI digits and a balanced part of Fashion-MNIST, each checked against its SHA-256
 * when it is loaded), the list of them for menus, and a reader for IDX files, the format of MNIST and its relatives. For arrays that are
 * already in memory, use `arrayDataset` of `@lethe/core`.
 */
export { digits, type DigitsOptions } from "./digits.ts";
export { fashionSample } from "./fashion-sample.ts";
export type { DatasetInformation, SplitDataset } from "./information.ts";
export { listDatasets, type DatasetEntry } from "./registry.ts";
export { readIdx, type IdxArray, type IdxOptions } from "./idx.ts";
export { idxDataset, type IdxDatasetInput } from "./idx-dataset.ts";
