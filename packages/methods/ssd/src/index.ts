/** Selective synaptic dampening: importances of D once, then per request one pass over the forget set and one edit of the weights. */
export { ssd, ssdMethod } from "./ssd.ts";
export type { SsdArtifact } from "./artifact.ts";
export { authorsPreset, type SsdInput, type SsdOptions } from "./options.ts";
export { adaptiveAlpha, dampen, ratioBound, type Dampening } from "./dampen.ts";
export { searchAlpha, type SearchResult } from "./search.ts";
export { computeImportance, type Importance, type ImportanceOptions } from "./importance.ts";
