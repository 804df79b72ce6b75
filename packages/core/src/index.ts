/** Lethe's core: models, data, training, passes over data, and the method contract. */
export * from "./errors/index.ts";
export * from "./random/index.ts";
export * from "./tree/index.ts";
export * from "./context/index.ts";
export * from "./data/index.ts";
export * from "./model/index.ts";
export * from "./passes/index.ts";
export * from "./io/index.ts";
export * from "./train/index.ts";
export * from "./trajectory/index.ts";
export * from "./method/index.ts";
export { prepare, unchangedWeights, unlearn, type PrepareRequest, type UnlearnRequest, type UnlearnResult } from "./unlearn.ts";
