/**
 * Weights: between the files of other libraries and the networks of this package. Names are data, one table a family in `rules/`; the differences of
 * layout are permutations of axes, `layout.ts`.
 */
export { exportWeights, type ExportWeightsOptions } from "./export-weights.ts";
export { importWeights, type ImportWeightsOptions } from "./import-weights.ts";
export { weightNames, type WeightNames } from "./conventions.ts";
