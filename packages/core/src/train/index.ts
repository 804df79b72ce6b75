/** Training: recipes, optimisers and schedules as pure functions, and a loop whose every random draw follows from the recipe's seed. */
export {
  validateRecipe,
  type BlockOrderOptions,
  type OptimiserOptions,
  type OrderOptions,
  type ProbabilityAssignment,
  type Recipe,
  type ScheduleOptions,
  type ShardOrderOptions,
} from "./recipe.ts";
export { createOptimiser, type Optimiser } from "./optimiser.ts";
export { learningRate } from "./schedule.ts";
export { train, trainingSteps, type TrainingResult, type TrainingStepsOptions, type TrainOptions } from "./train.ts";
export { blockOf, type BlockwiseRecipe } from "./blocks.ts";
export { probabilityBoundaries, shardPlaces, type ProbabilityBoundary, type ShardPlace, type ShardwiseRecipe } from "./shard-assignment.ts";
export { stageEpochs } from "./shard-stages.ts";
export { shardStart, shardWeights } from "./shards.ts";
export type { StepEnding } from "./batch-order.ts";
export type { RunPosition } from "./batch-plan.ts";
export { decodeSnapshot, encodeSnapshot, trainingKey, type TrainingSnapshot, type TrainingState } from "./snapshot.ts";
export type { TrainingRecorder, TrainingStart, TrainingStep } from "./recorder.ts";
