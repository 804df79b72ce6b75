import * as tf from "@tensorflow/tfjs";

/** Gradient by input name; tfjs calls an entry only where that input leads to what is differentiated by, each in a tidy of its own. */
export type Gradients = Record<string, () => tf.Tensor>;

/** A gradient of one kernel with one output, attributes typed. `saved` are the inputs named in `inputsToSave`, in their order. */
export function gradientOf<Attributes = unknown>(
  kernelName: string,
  inputsToSave: string[],
  gradients: (dy: tf.Tensor, saved: readonly tf.Tensor[], attributes: Attributes) => Gradients,
): tf.GradConfig {
  return {
    kernelName,
    inputsToSave,
    gradFunc: (dy, saved, attributes) => gradients(dy as tf.Tensor, saved, attributes as unknown as Attributes),
  };
}

/** Runs a kernel that tfjs exports no operation for. */
export function runKernel(kernelName: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes as Parameters<ReturnType<typeof tf.engine>["runKernel"]>[2]);
}

export function zerosOf(shape: readonly number[]): tf.Tensor {
  return tf.zeros([...shape]);
}
