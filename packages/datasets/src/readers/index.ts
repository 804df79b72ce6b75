/**
 * Readers: content of files in, data sets out, in Node and in browsers. One call per format makes a `Dataset` with stable ids, class names and
 * columns; beneath it, where others may want it, one call gives the arrays. Sizes that a file states are compared with the bytes that are
 * there before anything is allocated, what unpacks is bounded by `mostBytes`, and damage gives a `LetheError` that names file and place.
 */
export { cifar10Dataset } from "./cifar10.ts";
export { cifar100Dataset, type Cifar100Input } from "./cifar100.ts";
export { cifar10Names, cifar100CoarseNames, cifar100FineNames, cifar100FineToCoarse } from "./cifar-names.ts";
export type { CifarFiles } from "./cifar-records.ts";
export { svhnDataset, type SvhnInput } from "./svhn.ts";
export { readMat5, type MatArray, type MatValues } from "./mat5.ts";
export { readNpy, type NpyArray } from "./npy.ts";
export type { NpyValues } from "./npy-types.ts";
export { readNpz, type NpzOptions } from "./npz.ts";
export { npzDataset, type NpzDatasetInput } from "./npz-dataset.ts";
export { csvDataset, type CsvDatasetInput } from "./csv.ts";
export { jsonLinesDataset, type JsonLinesDatasetInput } from "./json-lines.ts";
export { parquetDataset, type ParquetDatasetInput } from "./parquet/parquet.ts";
export type { ColumnChoice, ColumnRoles } from "./columns.ts";
export type { TableOptions } from "./table.ts";
export type { ContentOptions } from "./content.ts";
