import * as tf from "@tensorflow/tfjs";
import { runKernel } from "../define.ts";
import { backwardIsRecorded, forwardIsNested } from "../recording.ts";
import { sumTo } from "./broadcast.ts";

/**
 * Kernels whose derivative is cheapest to write with their own output y: exp' = y, tanh' = 1 - y^2.
 *
 * tfjs saves y before it records the kernel that made it, so that a second derivative takes y for a constant and is silently wrong. Here
 * the input is saved too, and y is computed once more from it, when and only when the backward pass is itself differentiated.
 */
function throughOutput<Attributes>(
  kernelName: string,
  input: string,
  output: (input: tf.Tensor, attributes: Attributes) => tf.Tensor,
  gradient: (dy: tf.Tensor, y: tf.Tensor, attributes: Attributes) => tf.Tensor,
): tf.GradConfig {
  return {
    kernelName,
    get inputsToSave() {
      return forwardIsNested() ? [input] : [];
    },
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const attributes = attrs as unknown as Attributes;
      const y = backwardIsRecorded() ? output(saved[0], attributes) : (saved.at(-1) as tf.Tensor);
      return { [input]: () => gradient(dy as tf.Tensor, y, attributes) };
    },
  };
}

const exp = throughOutput(
  tf.Exp,
  "x",
  (x) => tf.exp(x),
  (dy, y) => tf.mul(dy, y),
);

const tanh = throughOutput(
  tf.Tanh,
  "x",
  (x) => tf.tanh(x),
  (dy, y) => tf.mul(tf.sub(1, tf.square(y)), dy),
);

const sigmoid = throughOutput(
  tf.Sigmoid,
  "x",
  (x) => tf.sigmoid(x),
  (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y))),
);

/** dy y - y sum(dy y), along the last axis. */
const softmax = throughOutput<{ dim: number }>(
  tf.Softmax,
  "logits",
  (logits, { dim }) => tf.softmax(logits, dim),
  (dy, y, { dim }) => {
    const product = tf.mul(dy, y);
    return tf.sub(product, tf.mul(tf.sum(product, dim, true), y));
  },
);

/** Kernel EluGrad is fast but has no gradient; what it computes, dy min(1, exp(x)), has. */
const elu: tf.GradConfig = {
  kernelName: tf.Elu,
  get inputsToSave() {
    return forwardIsNested() ? ["x"] : [];
  },
  outputsToSave: [true],
  gradFunc: (gradient, saved) => {
    const dy = gradient as tf.Tensor;
    if (!backwardIsRecorded()) return { x: () => runKernel(tf.EluGrad, { dy, y: saved.at(-1) as tf.Tensor }, {}) };
    return { x: () => tf.mul(dy, tf.exp(tf.minimum(saved[0], 0))) };
  },
};

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util;

/** tfjs multiplies exp(x) away where x > 0, which is infinity times zero once x passes 88 and the slope is differentiated. */
const selu: tf.GradConfig = {
  kernelName: tf.Selu,
  inputsToSave: ["x"],
  gradFunc: (dy, [x]) => ({
    x: () => tf.mul(dy as tf.Tensor, tf.where(tf.greater(x, 0), SELU_SCALE, tf.mul(SELU_SCALEALPHA, tf.exp(tf.minimum(x, 0))))),
  }),
};

/** da = dy b a^(b-1), db = dy a^b log(a), the latter zero where a is not positive. */
const pow: tf.GradConfig = {
  kernelName: tf.Pow,
  inputsToSave: ["a", "b"],
  outputsToSave: [true],
  gradFunc: (gradient, [a, b, saved]) => {
    const dy = gradient as tf.Tensor;
    const base = (): tf.Tensor => tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(b, 1))));
    const exponent = (): tf.Tensor => {
      const y = backwardIsRecorded() ? tf.pow(a, b) : saved;
      // One in place of what has no logarithm, so that its own derivative is no 0 / 0.
      const logarithm = tf.log(tf.where(tf.greater(a, 0), a, tf.onesLike(a)));
      return tf.mul(dy, tf.mul(y, logarithm));
    };
    return { a: () => sumTo(base(), a.shape), b: () => sumTo(exponent(), b.shape) };
  },
};

export const savedOutputGradients: readonly tf.GradConfig[] = [exp, tanh, sigmoid, softmax, elu, selu, pow];
