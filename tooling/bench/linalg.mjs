// @ts-check
import * as tf from "@tensorflow/tfjs";
import { chooseBackend } from "@lethe/backends";
import { createRandom } from "@lethe/core";
import { cubicExact, symmetricEigen } from "@lethe/core/linalg";
import { medianOfPairs } from "./pairs.mjs";

/** `[size, size]`, normal entries, the same in every run. @param {number} size */
function randomSymmetric(size) {
  const random = createRandom("symmetric");
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) values[i * size + j] = values[j * size + i] = random.normal();
  return { shape: /** @type {const} */ ([size, size]), values };
}

/**
 * All eigenvalues and eigenvectors, float64, over one product of two square matrices of that size on the wasm backend, float32: both on one thread.
 *
 * @param {number} size
 * @param {number} pairs
 */
export async function eigenOverProduct(size, pairs) {
  await chooseBackend({ name: "wasm" });
  const compare = async (/** @type {number} */ width, /** @type {{ pairs: number, warmup: number }} */ options) => {
    const matrix = randomSymmetric(width);
    const tensor = tf.tensor2d(Float32Array.from(matrix.values), [width, width]);
    const result = await medianOfPairs(
      () => symmetricEigen(matrix),
      () => tf.matMul(tensor, tensor).dispose(),
      options,
    );
    tensor.dispose();
    return result;
  };
  // The large sizes take too long to be run once more for the compilers.
  await compare(128, { pairs: 1, warmup: 3 });
  return compare(size, { pairs, warmup: size > 2000 ? 0 : 1 });
}

/** The exact minimiser of a cubic model of an indefinite Hessian, over the decomposition that is the first half of it. */
export async function cubicOverEigen(size = 576) {
  const hessian = randomSymmetric(size);
  const random = createRandom("gradient");
  const gradient = Float64Array.from({ length: size }, () => random.normal());
  return medianOfPairs(
    () => cubicExact(hessian, gradient, { cubicConstant: 1 }),
    () => symmetricEigen(hessian),
    { pairs: 9, warmup: 2 },
  );
}
