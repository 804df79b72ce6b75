import * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { backwardIsRecorded } from "./recording.ts";

export function unsupportedKernel(kernel: string): LetheError {
  return new LetheError(
    "autodiff/unsupported-kernel",
    `The second derivative of the tfjs kernel ${kernel} is not known to be right, so it is refused; leave the operation out, or register a gradient of your own that can be differentiated.`,
    { kernel },
  );
}

/**
 * The same first derivative, which throws when it is differentiated.
 *
 * The gradient is computed out of tfjs's sight and handed on as one function of everything it was made of; that function's own gradient
 * throws. So a derivative that does not lead through this kernel still works.
 */
export function refuseSecondDerivative(config: tf.GradConfig): tf.GradConfig {
  const { kernelName, inputsToSave = [], saveAllInputs = false } = config;
  return {
    ...config,
    gradFunc: (dy, saved, attributes) => {
      const gradients = config.gradFunc(dy, saved, attributes);
      if (!backwardIsRecorded()) return gradients;
      // What was not saved cannot be named as something that the gradient depends on.
      if (!saveAllInputs && Object.keys(gradients).some((input) => !inputsToSave.includes(input))) throw unsupportedKernel(kernelName);
      const madeOf = [dy, saved].flat();
      return Object.fromEntries(Object.entries(gradients).map(([input, gradient]) => [input, () => opaque(kernelName, madeOf, gradient)]));
    },
  };
}

function opaque(kernelName: string, madeOf: tf.Tensor[], compute: () => tf.Tensor): tf.Tensor {
  const once = tf.customGrad(() => ({
    // A clone, for a gradient that is dy itself would be input and output in one.
    value: tf.clone(compute()),
    gradFunc: () => {
      throw unsupportedKernel(kernelName);
    },
  }));
  return once(...madeOf);
}
