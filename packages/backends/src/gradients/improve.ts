import * as tf from "@tensorflow/tfjs";
import { averagePoolGradient, batchNormGradient, einsumGradient, gatherGradient, tileGradient } from "@lethe/core/autodiff";
import { meanGradient, sumGradient } from "./reductions.ts";

let done = false;

/**
 * Registers gradients that tfjs lacks (einsum), gets wrong (average pooling with padding, on cpu, wasm and webgl), makes of a kernel that wasm lacks
 * (gather: every embedding) or computes wastefully (batch norm, sum, mean, tile), for every backend. Where tfjs's are right they give the same numbers,
 * and they are made of differentiable operations. Only the first call registers: the last registration of a kernel's gradient wins, and later ones may be
 * the caller's own.
 */
export function improveGradients(): void {
  if (done) return;
  for (const gradient of [averagePoolGradient, batchNormGradient, sumGradient, meanGradient, tileGradient, einsumGradient, gatherGradient]) {
    tf.registerGradient(gradient);
  }
  done = true;
}
