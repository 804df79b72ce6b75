import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";
import { sumTo } from "./broadcast.ts";

/**
 * Gradient of kernel FusedBatchNorm, y = (x - m) r s + o with r = 1 / sqrt(v + epsilon), by broadcasting: dx = dy r s,
 * dm = -sum(dy) r s, dv = -sum(dy (x - m)) r^3 s / 2, ds = sum(dy (x - m)) r, do = sum(dy), summed over the axes along which the
 * parameters broadcast.
 *
 * tfjs's own tiles the parameters to the size of x, sums three times over, and cannot normalise along another axis than the last. Scale and
 * offset must both be given: without them tfjs fails before it gets here.
 *
 * @example
 * tf.registerGradient(batchNormGradient);
 * const [x, zero, one] = [tf.tensor2d([[1], [3]]), tf.zeros([1]), tf.ones([1])];
 * const slope = tf.grad((scale) => tf.batchNorm(x, zero, one, zero, scale, 0));
 * slope(tf.tensor1d([2])).arraySync(); // [4]
 */
export const batchNormGradient = gradientOf<{ varianceEpsilon: number }>(
  tf.FusedBatchNorm,
  ["x", "mean", "variance", "scale"],
  (dy, [x, mean, variance, scale], { varianceEpsilon }) => {
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
      offset: () => tf.clone(sum),
    };
  },
);
