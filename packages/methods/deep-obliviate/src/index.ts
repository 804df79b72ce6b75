/** DeepObliviate: shortened retraining from the snapshots of a block-wise training, stopped by the trend of residual memory, and stitched. */
export { deepObliviate, deepObliviateMethod } from "./deep-obliviate.ts";
export type { DeepObliviateInput, DeepObliviateOptions } from "./options.ts";
export { recoverRecorded, type RecoveredRecording } from "./recover.ts";
export { residualMemory } from "./residual.ts";
export { detrendedFluctuation } from "./detrended-fluctuation.ts";
export { fitPowerLaw, slopeAt, sumOf, type PowerLaw, type PowerLawReading } from "./power-law.ts";
export { mayStop, readTrend, type StoppingRule, type TrendReading } from "./stopping.ts";
export { stitch } from "./stitch.ts";
export { retrace, type RetracedBlock, type Stretch } from "./retrace.ts";
export { costReport, type CostReport } from "./cost-report.ts";
