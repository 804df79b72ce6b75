import * as tf from "@tensorflow/tfjs";
import { sumTo } from "./broadcast.ts";

/**
 * Gradient of kernel FusedBatchNorm, `y = (x - m) r s + o` with `r = 1 / sqrt(v + epsilon)`, by broadcasting:
 * `dx = dy r s`, `dm = -sum(dy) r s`, `dv = -sum(dy (x - m)) r^3 s / 2`, `ds = sum(dy (x - m)) r`, `do = sum(dy)`,
 * sums over the axes along which the parameters broadcast.
 *
 * tfjs's own gradient tiles the parameters to the size of x and sums three times over.
 * Made of differentiable operations. x has rank 4 (tf.batchNorm sees to it); the parameters share one shape that broadcasts to x's. Scale and
 * offset must both be given: without them tfjs fails before it gets here.
 */
export const batchNormGradient: tf.GradConfig = {
  kernelName: tf.FusedBatchNorm,
  inputsToSave: ["x", "mean", "variance", "scale"],
  gradFunc: (gradient, saved, attributes) => {
    const dy = gradient as tf.Tensor;
    const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const { varianceEpsilon } = attributes as unknown as { varianceEpsilon: number };
    const inverse = tf.rsqrt(tf.add(variance, varianceEpsilon));
    const slope = tf.mul(inverse, scale);
    // Computed here, not in the closures below: those run in a tidy each, so that nothing they compute can be shared.
    const sum = sumTo(dy, mean.shape);
    const sumOfProducts = sumTo(tf.mul(dy, tf.sub(x, mean)), mean.shape);
    return {
      x: () => tf.mul(dy, slope),
      mean: () => tf.neg(tf.mul(sum, slope)),
      variance: () => tf.mul(tf.mul(sumOfProducts, tf.mul(tf.square(inverse), slope)), -0.5),
      scale: () => tf.mul(sumOfProducts, inverse),
      offset: () => sum,
    };
  },
};
