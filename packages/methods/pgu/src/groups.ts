import * as tf from "@tensorflow/tfjs";

/** `depthwise`: a kernel `[kh, kw, c, m]` that is c kernels `[kh kw, m]`, one for each channel. */
export type KernelKind = "dense" | "depthwise";

/** A kernel of tfjs as matrices that take inputs from the left, `[g, d, out]`: one of them, or one for each channel. */
export function toGroups(kernel: tf.Tensor, groups: number, dimension: number, kind: KernelKind): tf.Tensor3D {
  if (kind === "dense") return tf.reshape(kernel, [1, dimension, -1]);
  return tf.transpose(tf.reshape(kernel, [dimension, groups, -1]) as tf.Tensor3D, [1, 0, 2]);
}

/** Back to the kernel's shape. */
export function fromGroups(matrices: tf.Tensor3D, shape: readonly number[], kind: KernelKind): tf.Tensor {
  return tf.reshape(kind === "dense" ? matrices : tf.transpose(matrices, [1, 0, 2]), [...shape]);
}
