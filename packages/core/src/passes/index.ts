/**
 * Passes: sums over batches of a data set at fixed parameters. The only place that loops over data. Each holds one batch in memory, sums in
 * float64 on the host, and has the same shape, so that the workers of a pool can share it: see `batch-pass.ts`.
 */
export type { PassOptions } from "./read-batches.ts";
export { forEachBatch, sumOverBatches, type BatchTerms } from "./sum-over-batches.ts";
export { collectLogits } from "./logits.ts";
export { gradientSum } from "./gradient-sum.ts";
export { inputMoments, type InputMoment, type InputMoments, type InputMomentsOptions } from "./input-moments/input-moments.ts";
export { naiveInputMoments } from "./input-moments/naive-input-moments.ts";
export { headFeatures } from "./head-features.ts";
export { batchGradientMoments } from "./batch-gradient-moments.ts";
export { naivePerSampleMoments, perSampleMoments, type Moments, type MomentsOptions } from "./per-sample-moments.ts";
export { crossEntropyObjective, squaredLogitNorm, type Objective } from "./objective.ts";
