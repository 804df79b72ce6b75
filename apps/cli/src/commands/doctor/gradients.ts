import * as tf from "@tensorflow/tfjs";

/** A gradient that is known in closed form, and what the backend makes of it. */
export interface GradientCase {
  readonly name: string;
  computed(): tf.Tensor;
  /** In float64, by plain loops. */
  expected(): Float64Array;
}

/** Repeatable values without two alike. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(12.9898 * (index + 1) + 78.233 * seed));
}

/** Softmax regression: the gradient of the summed cross entropy in W `[d, c]` is X^T (softmax(X W) - Y). */
function dense(): GradientCase {
  const [n, d, c] = [7, 5, 3];
  const x = values(n * d, 1);
  const w = values(d * c, 2);
  const labels = Int32Array.from({ length: n }, (_, i) => i % c);
  return {
    name: "dense layer with softmax cross entropy",
    computed: () =>
      tf.tidy(() => {
        const target = tf.oneHot(tf.tensor1d(labels, "int32"), c);
        return tf.grad((weights) => {
          const z = tf.matMul(tf.tensor2d(x, [n, d]), weights as tf.Tensor2D);
          return tf.sum(tf.sub(tf.log(tf.sum(tf.exp(z), 1)), tf.sum(tf.mul(z, target), 1))).asScalar();
        })(tf.tensor2d(w, [d, c]));
      }),
    expected() {
      const gradient = new Float64Array(d * c);
      for (let i = 0; i < n; i++) {
        const z = Array.from({ length: c }, (_, k) => Array.from({ length: d }, (_, j) => x[i * d + j] * w[j * c + k]).reduce((a, b) => a + b));
        const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
        for (let k = 0; k < c; k++) {
          const error = Math.exp(z[k]) / total - (labels[i] === k ? 1 : 0);
          for (let j = 0; j < d; j++) gradient[j * c + k] += x[i * d + j] * error;
        }
      }
      return gradient;
    },
  };
}

/** The gradient of sum(direction * conv(image, filter)) in the filter: the correlation of image and direction. */
function convolution(): GradientCase {
  const [size, kernel] = [6, 3];
  const out = size - kernel + 1;
  const image = values(size * size, 3);
  const filter = values(kernel * kernel, 4);
  const direction = values(out * out, 5);
  return {
    name: "convolution",
    computed: () =>
      tf.tidy(() => {
        const picture = tf.tensor4d(image, [1, size, size, 1]);
        const weight = tf.tensor4d(direction, [1, out, out, 1]);
        return tf.grad((kernels) => tf.sum(tf.mul(tf.conv2d(picture, kernels as tf.Tensor4D, 1, "valid"), weight)).asScalar())(
          tf.tensor4d(filter, [kernel, kernel, 1, 1]),
        );
      }),
    expected() {
      const gradient = new Float64Array(kernel * kernel);
      for (let a = 0; a < kernel; a++) {
        for (let b = 0; b < kernel; b++) {
          for (let i = 0; i < out; i++)
            for (let j = 0; j < out; j++) gradient[a * kernel + b] += image[(i + a) * size + j + b] * direction[i * out + j];
        }
      }
      return gradient;
    },
  };
}

export function gradientCases(): readonly GradientCase[] {
  return [dense(), convolution()];
}

/** The largest difference, relative to the largest value. */
export async function gradientError({ computed, expected }: GradientCase): Promise<number> {
  const tensor = computed();
  const found = await tensor.data();
  tensor.dispose();
  const truth = expected();
  const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return truth.reduce((most, value, index) => Math.max(most, Math.abs(value - found[index])), 0) / largest;
}
