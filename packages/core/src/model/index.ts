/**
 * The model: a `tf.LayersModel`, anybody's, seen as a pure function of its parameters. Also the losses over its logits, and taps that
 * hand out what reaches every layer and the gradient that comes back to it. And networks made of shards, which are such models, too.
 */
export { hashWeights, Model, type ForwardResult, type Mode, type Weights } from "./model.ts";
export type { LayerInfo, LayerKind } from "./layers.ts";
export type { Ending } from "./ending.ts";
export { expectDataFits } from "./data-fits.ts";
export { defaultLoss, lossFunction, type LossFunction, type LossName } from "./loss.ts";
export { disposeTaps, layerWeight, planTaps, runTaps, type LayerRecord, type TapPlan, type TapResult } from "./taps.ts";
export { layerInputs, type Border, type LayerInput } from "./layer-inputs.ts";
export { registerShardAggregate, type Aggregation } from "./shard-aggregate.ts";
export { ensembleOf, shardedNetwork, type Ensemble, type ShardedNetworkOptions } from "./sharded-network.ts";
export { headInputs, headOf, type Head } from "./head.ts";
export { layerInternals } from "./internals.ts";
export { valueAndGradient } from "../autodiff/gradient.ts";
