import { registerShardAggregate } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { BatchIndices } from "./batch-indices.ts";
import { FirstToken } from "./first-token.ts";
import { MaskedMean } from "./masked-mean.ts";
import { SelfAttention } from "./self-attention.ts";

/**
 * Makes the few layers that tfjs does not have (attention, masked mean, ..., and what aggregates a sharded network) known to `tf.loadLayersModel`. The
 * builders that use them call it; a program that only loads such a model has to call it once before. Calling it again changes nothing.
 *
 * @example
 * registerLayers();
 * const network = await tf.loadLayersModel("indexeddb://transformer");
 */
export function registerLayers(): void {
  registerShardAggregate();
  for (const layer of [BatchIndices, FirstToken, MaskedMean, SelfAttention]) tf.serialization.registerClass(layer);
}
