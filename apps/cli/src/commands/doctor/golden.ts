import * as tf from "@tensorflow/tfjs";
import { hessianVectorProduct } from "@lethe/core/autodiff";

/** What is proved: the network's output, the slope of its loss, and the Hessian of its loss times a vector. */
export const quantities = ["forward", "gradient", "Hv"] as const;
export type Quantity = (typeof quantities)[number];

/** A small network whose numbers are known in closed form, and what the backend makes of them. */
export interface GoldenCase {
  readonly name: string;
  computed(quantity: Quantity): tf.Tensor;
  /** In float64, by plain loops. */
  expected(quantity: Quantity): Float64Array;
}

/** Repeatable values without two alike. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(12.9898 * (index + 1) + 78.233 * seed));
}

function quantityOf(
  quantity: Quantity,
  forward: (w: tf.Tensor) => tf.Tensor,
  loss: (w: tf.Tensor) => tf.Scalar,
  w: tf.Tensor,
  v: tf.Tensor,
): tf.Tensor {
  if (quantity === "forward") return forward(w);
  if (quantity === "gradient") return tf.grad(loss)(w);
  return hessianVectorProduct((tree) => loss(tree["w"]), { w }, { w: v })["w"];
}

/**
 * Softmax regression, Z = X W and L = the summed cross entropy: dL/dW = X^T (softmax(Z) - Y), and H V = X^T S with the rows
 * s = p (q - <p, q>), Q = X V.
 */
function dense(): GoldenCase {
  const [n, d, c] = [7, 5, 3];
  const [x, w, v] = [values(n * d, 1), values(d * c, 2), values(d * c, 6)];
  const labels = Int32Array.from({ length: n }, (_, i) => i % c);
  const product = (weights: Float32Array, i: number): number[] =>
    Array.from({ length: c }, (_, k) => Array.from({ length: d }, (_, j) => x[i * d + j] * weights[j * c + k]).reduce((a, b) => a + b));
  return {
    name: "dense layer with softmax cross entropy",
    computed: (quantity) =>
      tf.tidy(() => {
        const target = tf.oneHot(tf.tensor1d(labels, "int32"), c);
        const forward = (weights: tf.Tensor): tf.Tensor => tf.matMul(tf.tensor2d(x, [n, d]), weights as tf.Tensor2D);
        const loss = (weights: tf.Tensor): tf.Scalar => {
          const z = forward(weights);
          return tf.sum(tf.sub(tf.log(tf.sum(tf.exp(z), 1)), tf.sum(tf.mul(z, target), 1))).asScalar();
        };
        return quantityOf(quantity, forward, loss, tf.tensor2d(w, [d, c]), tf.tensor2d(v, [d, c]));
      }),
    expected(quantity) {
      if (quantity === "forward") return Float64Array.from({ length: n * c }, (_, at) => product(w, Math.floor(at / c))[at % c]);
      const result = new Float64Array(d * c);
      for (let i = 0; i < n; i++) {
        const z = product(w, i);
        const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
        const p = z.map((value) => Math.exp(value) / total);
        const q = product(v, i);
        const mean = p.reduce((sum, share, k) => sum + share * q[k], 0);
        for (let k = 0; k < c; k++) {
          const error = quantity === "gradient" ? p[k] - (labels[i] === k ? 1 : 0) : p[k] * (q[k] - mean);
          for (let j = 0; j < d; j++) result[j * c + k] += x[i * d + j] * error;
        }
      }
      return result;
    },
  };
}

/** Y = image * filter and L = |Y|^2 / 2: dL/dfilter is the correlation of image and Y, and H V that of image and image * V. */
function convolution(): GoldenCase {
  const [size, kernel] = [6, 3];
  const out = size - kernel + 1;
  const [image, filter, direction] = [values(size * size, 3), values(kernel * kernel, 4), values(kernel * kernel, 5)];
  /** Every product of the convolution: output, input and weight that take part. */
  const each = (visit: (atY: number, atX: number, atW: number) => void): void => {
    for (let i = 0; i < out; i++)
      for (let j = 0; j < out; j++)
        for (let a = 0; a < kernel; a++) for (let b = 0; b < kernel; b++) visit(i * out + j, (i + a) * size + j + b, a * kernel + b);
  };
  const convolved = (weights: Float32Array): Float64Array => {
    const y = new Float64Array(out * out);
    each((atY, atX, atW) => (y[atY] += image[atX] * weights[atW]));
    return y;
  };
  return {
    name: "convolution",
    computed: (quantity) =>
      tf.tidy(() => {
        const picture = tf.tensor4d(image, [1, size, size, 1]);
        const forward = (weights: tf.Tensor): tf.Tensor => tf.conv2d(picture, weights as tf.Tensor4D, 1, "valid");
        const loss = (weights: tf.Tensor): tf.Scalar => tf.mul(0.5, tf.sum(tf.square(forward(weights)))).asScalar();
        const shape = [kernel, kernel, 1, 1] as [number, number, number, number];
        return quantityOf(quantity, forward, loss, tf.tensor4d(filter, shape), tf.tensor4d(direction, shape));
      }),
    expected(quantity) {
      if (quantity === "forward") return convolved(filter);
      const y = convolved(quantity === "gradient" ? filter : direction);
      const result = new Float64Array(kernel * kernel);
      each((atY, atX, atW) => (result[atW] += image[atX] * y[atY]));
      return result;
    },
  };
}

export function goldenCases(): readonly GoldenCase[] {
  return [dense(), convolution()];
}

/** The largest difference, relative to the largest value. */
export async function goldenError({ computed, expected }: GoldenCase, quantity: Quantity): Promise<number> {
  const tensor = computed(quantity);
  const found = await tensor.data();
  tensor.dispose();
  const truth = expected(quantity);
  if (found.length !== truth.length) return Infinity;
  const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const furthest = truth.reduce((most, value, index) => Math.max(most, Math.abs(value - found[index])), 0);
  return Number.isNaN(furthest) ? Infinity : furthest / largest;
}
