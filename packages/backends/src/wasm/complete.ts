import { batchNorm } from "./batch-norm.ts";
import { conv2dFilterGradient } from "./conv-filter-gradient.ts";
import { convKernels, convolution } from "./conv-forward.ts";
import { conv2dInputGradient } from "./conv-input-gradient.ts";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradients.ts";
import { einsum } from "./einsum.ts";
import { castToSame, identity } from "./identity.ts";
import { improve, register } from "./kernel.ts";
import { fusedMatMul, matMul } from "./mat-mul.ts";
import { maxPool3dGradient, maxPoolGradient } from "./max-pool-gradient.ts";
import { leadingMean, leadingSum } from "./reductions.ts";
import { rowBroadcast, rowKernels } from "./row-broadcast.ts";
import { contiguousSlice } from "./slice.ts";
import { tileByBlocks } from "./tile.ts";

let done = false;

/**
 * Completes tfjs's wasm backend so that networks can be trained on it. It adds the kernels that are missing (gradients of convolutions and
 * depthwise convolutions, einsum), mends convolutions (channels second, rounded sizes, strides longer than the filter), the gradient of max
 * pooling (windows without a positive value), batch norm (over any axis) and matrix products (of one tensor in two shapes), and replaces
 * what is needlessly slow (input gradient of convolutions, products with a transposed operand or in batches, sums over leading axes, batch
 * norm, tile, broadcasts of short rows, needless copies).
 *
 * Idempotent; before or after `tf.setBackend("wasm")`, but after `@tensorflow/tfjs-backend-wasm` has been imported.
 *
 * @throws LetheError `backend/unavailable` where that package has not been imported
 */
export function completeWasmBackend(): void {
  if (done) return;
  improve("Identity", identity);
  improve("Cast", castToSame);
  for (const name of convKernels) improve(name, convolution(name));
  for (const name of rowKernels) improve(name, rowBroadcast(name));
  improve("FusedBatchNorm", batchNorm);
  improve("Sum", leadingSum);
  improve("Mean", leadingMean);
  improve("Slice", contiguousSlice);
  improve("Tile", tileByBlocks);
  improve("BatchMatMul", matMul);
  improve("_FusedMatMul", fusedMatMul);
  register("Conv2DBackpropInput", conv2dInputGradient);
  register("Conv2DBackpropFilter", conv2dFilterGradient);
  register("DepthwiseConv2dNativeBackpropInput", depthwiseInputGradient);
  register("DepthwiseConv2dNativeBackpropFilter", depthwiseFilterGradient);
  register("MaxPoolGrad", maxPoolGradient);
  register("MaxPool3DGrad", maxPool3dGradient);
  register("Einsum", einsum);
  done = true;
}
