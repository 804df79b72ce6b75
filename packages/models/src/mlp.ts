import * as tf from "@tensorflow/tfjs";
import { classifier, expectPositive, type ClassifierOptions } from "./classifier.ts";
import { kernelInitializer } from "./layers.ts";

export type HiddenActivation = "elu" | "gelu" | "relu" | "sigmoid" | "softplus" | "swish" | "tanh";

export interface MlpOptions extends ClassifierOptions {
  /** Units of each hidden layer; `[]` gives multinomial logistic regression. Default `[64]`. */
  readonly hidden?: readonly number[];
  /** Of every hidden layer. Default `"relu"`. */
  readonly activation?: HiddenActivation;
}

/**
 * Multilayer perceptron: dense layers `hidden1`, `hidden2`, ... with biases, then `classifier`. Inputs of higher rank are flattened first
 * (layer `flatten`, row-major). Kernels start from He's normal distribution, biases from 0.
 *
 * Parameters: sum over consecutive widths of (a + 1) b. For digits with the default: 65 * 64 + 65 * 10 = 4,810. With `hidden: [128]` and
 * `activation: "tanh"` it is the network that Shokri et al. (2017) attack on Purchase-100: 89,828 for 600 features and 100 classes.
 *
 * @throws LetheError `model/bad-option`.
 * @example
 * const network = mlp({ inputShape: [64], classes: 10, hidden: [32] });
 * network.countParams(); // 2410
 */
export function mlp(options: MlpOptions): tf.LayersModel {
  const { inputShape, hidden = [64], activation = "relu" } = options;
  hidden.forEach((units) => expectPositive("mlp", "hidden", units));
  return classifier("mlp", options, (input) => {
    let features = input;
    if (inputShape.length > 1) features = tf.layers.flatten({ name: "flatten" }).apply(features) as tf.SymbolicTensor;
    hidden.forEach((units, index) => {
      const layer = tf.layers.dense({ units, activation, kernelInitializer, name: `hidden${index + 1}` });
      features = layer.apply(features) as tf.SymbolicTensor;
    });
    return features;
  });
}
