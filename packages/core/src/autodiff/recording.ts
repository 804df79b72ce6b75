import * as tf from "@tensorflow/tfjs";

/**
 * Whether a forward pass runs inside two gradients, so that its backward pass will itself be differentiated. Outside of that, nothing has
 * to be saved beyond what tfjs saves, and the first derivative costs what it costs without us.
 */
export function forwardIsNested(): boolean {
  return tf.engine().state.gradientDepth > 1;
}

/** Whether a backward pass runs inside another gradient, which will differentiate it. */
export function backwardIsRecorded(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
