/**
 * Parity: computations whose numbers every backend must agree on, from single kernels to whole requests. Each is measured on the backend that is set,
 * as plain JSON, and compared with float64 or the cpu backend somewhere else: in this process, in the one that started it, or behind a browser.
 */
export { compareMeasurements, largestDeviation, type Comparison } from "./compare.ts";
export { knownLimits, type KnownLimit } from "./known-limits.ts";
export { measureCases, parityCases, type Measurement } from "./measure.ts";
export { parityGroups, tolerances, type Numbers, type ParityCase, type ParityGroup, type Results } from "./parity-case.ts";
export type { ParityMethod } from "./requests.ts";
export { renderParity, type ParityReport } from "./table.ts";
