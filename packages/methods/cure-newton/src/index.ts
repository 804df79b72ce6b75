/** CureNewton: cubic-regularised Newton unlearning, exact and stochastic. */
export { cureNewton, cureNewtonMethod } from "./cure-newton.ts";
export { presets, type CureNewtonInput, type CureNewtonOptions } from "./options.ts";
export type { CureNewtonReport } from "./report.ts";
