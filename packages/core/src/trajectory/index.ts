/**
 * Trajectories: the snapshots that a training run left on its way, and which samples shaped each, kept as small as lossless coding makes them in
 * a storage that survives a kill at any point, and destroyed from the first that a forgotten sample shaped.
 */
export { memoryStorage, type TrajectoryStorage } from "./storage.ts";
export { createTrajectory, openTrajectory, type CreateTrajectoryOptions } from "./open.ts";
export { type TensorDifference, type Trajectory } from "./trajectory.ts";
export { type ForgetOptions, type ForgetReport, type ReplacementSnapshot } from "./forget-report.ts";
export { type SnapshotProvenance } from "./chain.ts";
export { type TrajectoryEntry } from "./entry.ts";
export { type DamagedPolicy } from "./recover.ts";
export { type DestroyedSnapshot, type UndestroyedSnapshot } from "./removal.ts";
export { trajectoryRecorder, type SnapshotCadence, type TrajectoryRecorderOptions } from "./recorder.ts";
export { deflate, inflate } from "./deflate.ts";
