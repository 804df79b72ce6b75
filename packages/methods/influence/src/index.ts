/** Unlearning by influence functions: what the trained weights would be, to first order, had the erased samples not been there or been others. */
export { influence, influenceMethod } from "./influence.ts";
export type { Correction, InfluenceInput, InfluenceOptions } from "./options.ts";
export type { InfluenceReport } from "./report.ts";
