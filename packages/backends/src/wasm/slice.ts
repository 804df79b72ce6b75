import * as tf from "@tensorflow/tfjs";
import { address } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

interface SliceAttributes {
  begin: number | number[];
  size: number | number[];
}

/**
 * Kernel Slice where the values lie side by side, as those of a batch of samples do: one copy of just these. The stock kernel copies all of
 * x first, that is, the whole data set for every batch. Other slices and strings are left to it.
 */
export function contiguousSlice(backend: WasmBackend, inputs: Inputs, { begin, size }: SliceAttributes): tf.TensorInfo | undefined {
  const { x } = inputs as { x: tf.TensorInfo };
  const [from, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  tf.slice_util.assertParamsValid(x, from, shape);
  if (x.dtype === "string" || !tf.slice_util.isSliceContinous(x.shape, from, shape)) return undefined;
  const bytes = tf.util.bytesPerElement(x.dtype);
  const out = backend.makeOutput(shape, x.dtype);
  const start = address(backend, x) + tf.slice_util.computeFlatOffset(from, tf.util.computeStrides(x.shape)) * bytes;
  backend.wasm.HEAPU8.copyWithin(address(backend, out), start, start + tf.util.sizeFromShape(shape) * bytes);
  return out;
}
