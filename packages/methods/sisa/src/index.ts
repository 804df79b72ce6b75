/** SISA: exact unlearning by sharded, isolated, sliced and aggregated training. */
export { sisa, sisaMethod } from "./sisa.ts";
export type { SisaInput, SisaOptions } from "./options.ts";
export { retrainShard, type ShardRetraining, type TrainedStage } from "./retrain-shard.ts";
export { expectedShards, expectedWork, type DeletionPlan } from "./expected-cost.ts";
export { costReport, samplePasses, type CostReport } from "./cost-report.ts";
