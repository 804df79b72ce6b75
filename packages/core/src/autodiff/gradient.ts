import * as tf from "@tensorflow/tfjs";
import type { TensorTree } from "../tree/index.ts";

/**
 * Value and gradient of a scalar function of a tree; both are the caller's. A parameter that `f` does not use has the gradient zero
 * (`tf.grads` would throw).
 */
export function valueAndGradient(f: (tree: TensorTree) => tf.Scalar, tree: TensorTree): { value: tf.Scalar; gradient: TensorTree } {
  const names = Object.keys(tree);
  const xs = names.map((name) => tree[name]);
  return tf.tidy(() => {
    const { value, grads } = differentiate(() => f(tree), xs);
    const gradient = Object.fromEntries(names.map((name, i) => [name, grads[i] ?? tf.zeros(xs[i].shape)]));
    return { value, gradient };
  });
}

/**
 * `tf.engine().gradients`, which leaves the tensors it saved for the backward pass behind when that pass throws; and it throws where a kernel has
 * no gradient, or not for these attributes. There is no gradient by what `f` does not use.
 */
export function differentiate(f: () => tf.Scalar, xs: tf.Tensor[]): { value: tf.Scalar; grads: readonly (tf.Tensor | undefined)[] } {
  const engine = tf.engine();
  try {
    return engine.gradients(f, xs, undefined, true) as { value: tf.Scalar; grads: tf.Tensor[] };
  } catch (error) {
    const { state } = engine;
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) for (const tensor of saved ?? []) tensor.dispose();
      state.activeTape = [];
    }
    throw error;
  }
}
