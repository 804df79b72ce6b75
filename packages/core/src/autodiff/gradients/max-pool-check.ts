import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../../errors/index.ts";
import { runKernel } from "../define.ts";

/**
 * The kernel MaxPoolGrad of tfjs 4.22's wasm backend loses the gradient of a window without a positive number, so that first derivatives are wrong already.
 * Two windows of negative numbers tell; asked each time, since the kernel can be replaced, and costing microseconds.
 *
 * @throws LetheError `autodiff/wrong-kernel`.
 */
export function expectRightMaxPoolGradient(): void {
  if (tf.getBackend() !== "wasm") return;
  const atLargest = tf.tidy(() => {
    const input = tf.tensor4d([-1, -2, -3, -4], [1, 1, 4, 1]);
    const output = tf.tensor4d([-1, -3], [1, 1, 2, 1]);
    const dy = tf.tensor4d([0, 1], [1, 1, 2, 1]);
    return runKernel(tf.MaxPoolGrad, { dy, input, output }, { filterSize: [1, 2], strides: [1, 2], pad: "valid" }).dataSync()[2];
  });
  if (atLargest === 1) return;
  throw new LetheError(
    "autodiff/wrong-kernel",
    "The kernel MaxPoolGrad of tfjs's wasm backend is wrong where a window holds no positive number, so it is refused; call completeWasmBackend() of @lethe/backends first.",
    { kernel: tf.MaxPoolGrad, backend: "wasm" },
  );
}
