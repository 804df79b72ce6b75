import * as tf from "@tensorflow/tfjs";
import { batchNormGradient } from "./batch-norm.ts";
import { einsumGradient } from "./einsum.ts";
import { meanGradient, sumGradient, tileGradient } from "./reductions.ts";

let done = false;

/**
 * Registers gradients that tfjs lacks (einsum) or computes wastefully (batch norm, sum, mean, tile), for every backend. They give the same
 * numbers and are made of differentiable operations. Only the first call registers: the last registration of a kernel's gradient wins, and
 * later ones may be the caller's own.
 */
export function improveGradients(): void {
  if (done) return;
  for (const gradient of [batchNormGradient, sumGradient, meanGradient, tileGradient, einsumGradient]) tf.registerGradient(gradient);
  done = true;
}
