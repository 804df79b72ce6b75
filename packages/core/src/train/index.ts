/** Training: recipes, optimisers and schedules as pure functions, and a loop whose every random draw follows from the recipe's seed. */
export { validateRecipe, type OptimiserOptions, type Recipe, type ScheduleOptions } from "./recipe.ts";
export { createOptimiser, type Optimiser } from "./optimiser.ts";
export { learningRate } from "./schedule.ts";
export { train, type TrainingResult, type TrainOptions } from "./train.ts";
export { decodeSnapshot, encodeSnapshot, type TrainingSnapshot } from "./snapshot.ts";
export type { TrainingRecorder, TrainingStart, TrainingStep } from "./recorder.ts";
