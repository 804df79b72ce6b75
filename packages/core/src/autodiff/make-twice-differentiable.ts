import * as tf from "@tensorflow/tfjs";
import { refusedKernels } from "./coverage.ts";
import { recomputeCustomGradients } from "./custom-gradients.ts";
import { gradients } from "./gradients/index.ts";
import { refuseSecondDerivative } from "./refuse.ts";

const done = Symbol.for("lethe.twice-differentiable");

/**
 * Makes gradients of gradients right, for every model and every function that is written with tfjs, on every backend.
 *
 * As it comes, tfjs is silently wrong wherever a kernel's gradient is made of the kernel's output (exp, tanh, sigmoid, softmax, ...), and
 * throws for convolutions, pooling and comparisons (https://github.com/tensorflow/tfjs/issues/3252). This registers such gradients again
 * under the same names; kernels that are not proved throw when they are differentiated twice ({@link gradientCoverage} lists all). First
 * derivatives keep their speed and memory. A few that are wrong in tfjs become right: average pooling with padding, mirrored padding,
 * cumulative sums along another than the last axis, resizing with half-pixel centres, casts to integers, floored division.
 *
 * Acts on tfjs's one engine, for the whole process; calling it again changes nothing. Gradients that are registered later win.
 *
 * @example
 * makeTwiceDifferentiable();
 * const slope = tf.grad((x) => tf.tanh(x));
 * const curvature = tf.grad((x) => slope(x));
 * curvature(tf.scalar(0.5)).dataSync()[0].toFixed(4); // "-0.7269"
 */
export function makeTwiceDifferentiable(): void {
  const engine = tf.engine();
  // The mark stands where the changes are made, so that two copies of this package do not make them twice.
  if (done in engine) return;
  Object.defineProperty(engine, done, { value: true });
  for (const gradient of gradients) replace(gradient);
  for (const kernel of refusedKernels()) replace(refuseSecondDerivative(tf.getGradient(kernel)));
  recomputeCustomGradients(engine);
}

/** Whether {@link makeTwiceDifferentiable} has been called: gradients may differ by rounding before and after. */
export function isTwiceDifferentiable(): boolean {
  return done in tf.engine();
}

/** Taken away first, since tfjs's debug mode warns of a gradient that is overwritten. */
function replace(gradient: tf.GradConfig): void {
  if (tf.getGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName);
  tf.registerGradient(gradient);
}
