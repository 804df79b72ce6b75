import type * as tf from "@tensorflow/tfjs";
import { reshape } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

/**
 * Kernel Identity as one more reference to the same values, as the cpu backend has it; tensors never change. The stock kernel copies, and
 * tfjs clones every tensor that it saves for a gradient.
 */
export function identity(backend: WasmBackend, inputs: Inputs): tf.TensorInfo | undefined {
  const { x } = inputs as { x: tf.TensorInfo };
  return x.dtype === "string" ? undefined : reshape(backend, x, x.shape);
}

/** Kernel Cast to the type a tensor has already; gradients cast to float32 as a matter of course. The stock kernel copies. */
export function castToSame(backend: WasmBackend, inputs: Inputs, { dtype }: { dtype: string }): tf.TensorInfo | undefined {
  return inputs["x"]?.dtype === dtype ? identity(backend, inputs) : undefined;
}
