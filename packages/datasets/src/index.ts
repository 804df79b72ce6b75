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
export { csvDataset, type CsvDatasetInput } from "./readers/csv.ts";
export { jsonLinesDataset, type JsonLinesDatasetInput } from "./readers/json-lines.ts";
export { parquetDataset, type ParquetDatasetInput } from "./readers/parquet/parquet.ts";
export { npzDataset, type NpzDatasetInput } from "./readers/npz-dataset.ts";
export * from "./readers/index.ts";
export * from "./text/index.ts";

export { mergeClasses, type ClassGroups } from "./views/merge-classes.ts";
export { classOf, type ClassName } from "./views/class-of.ts";
export { forgetGrammar, parseForget, type Draw, type ForgetExpression } from "./forget/grammar.ts";
export { forgetSet, type ForgetSet } from "./forget/forget-set.ts";
export type { ForgetKind, WholeKind } from "./forget/kind.ts";
export { selectionKinds, type SelectionKind } from "./forget/kinds.ts";
export { readIdList } from "./forget/id-list.ts";
export { backdoor, type Backdoored } from "./poison/backdoor.ts";
export { interclassConfusion } from "./poison/interclass-confusion.ts";
export { labelNoise } from "./poison/label-noise.ts";
export { poison } from "./poison/poison.ts";
export type { Amount, BackdoorOptions, InterclassConfusionOptions, LabelNoiseOptions, Poisoned, PoisonRecipe } from "./poison/recipe.ts";
export type { Trigger } from "./poison/trigger.ts";
export { findDuplicates, type DuplicateOptions, type Duplicates, type Member, type NearPair } from "./duplicates/find-duplicates.ts";
export { twinsOutside, type Twin } from "./duplicates/twins-outside.ts";
export type { Likeness } from "./duplicates/likeness.ts";
