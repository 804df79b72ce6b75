/**
 * Experiments: which methods forget what, how well, at which cost, with seeds, retrained oracles and everything needed to make each number again.
 * `results/` says what an experiment finds out, as plain JSON.
 */
export type { AuditResult } from "./results/audit-result.ts";
export type { ExperimentResults } from "./results/experiment-results.ts";
export type { ForgetKind, RecipeLock } from "./results/recipe-lock.ts";
export type { ByModel, CurvePoints, Histogram, LayerChange, ResultDetails, RunResult, SearchSummary, SetHistograms } from "./results/run-result.ts";
