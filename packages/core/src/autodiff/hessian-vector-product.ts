import * as tf from "@tensorflow/tfjs";
import { expectShape, LetheError } from "../errors/index.ts";
import { dot, mapTree, type TensorTree } from "../tree/index.ts";
import { valueAndGradient } from "./gradient.ts";
import { makeTwiceDifferentiable } from "./make-twice-differentiable.ts";

/**
 * H v with H the matrix of second derivatives of `f` at `parameters`: the gradient of <gradient of f, v>. Two to four times the work of a
 * gradient and three to four times its memory; H itself is never formed.
 *
 * `f` must be a pure function of its argument, made of tfjs operations. At kinks (relu at zero) second derivatives count as zero. The
 * result is the caller's; a parameter that `f` does not use gets zeros.
 *
 * tfjs keeps what a backward pass needs until the outermost gradient is done, also what the surrounding tidy would free: so both gradients
 * have to be taken inside one call, as here, and a gradient that has been returned cannot be differentiated any more.
 *
 * @throws LetheError `autodiff/vector` where the names or shapes of `vector` are not those of `parameters`; `autodiff/unsupported-kernel`.
 *
 * @example
 * const parameters = { w: tf.tensor1d([1, 2]) };
 * const vector = { w: tf.tensor1d([1, 0]) };
 * // f = w0^3 w1, so H = [[6 w0 w1, 3 w0^2], [3 w0^2, 0]].
 * const product = hessianVectorProduct(({ w }) => tf.mul(tf.pow(tf.slice(w, 0, 1), 3), tf.slice(w, 1, 1)).asScalar(), parameters, vector);
 * product.w.arraySync(); // [12, 3]
 */
export function hessianVectorProduct(f: (parameters: TensorTree) => tf.Scalar, parameters: TensorTree, vector: TensorTree): TensorTree {
  makeTwiceDifferentiable();
  expectSameTree(parameters, vector);
  return tf.tidy(() => {
    // Copies are constants, also where the vector is made of parameters.
    const direction = mapTree(vector, (tensor) => tf.clone(tensor));
    return valueAndGradient((outer) => dot(valueAndGradient(f, outer).gradient, direction), parameters).gradient;
  });
}

function expectSameTree(parameters: TensorTree, vector: TensorTree): void {
  const [wanted, given] = [Object.keys(parameters), Object.keys(vector)];
  const different = wanted.filter((name) => !(name in vector)).concat(given.filter((name) => !(name in parameters)));
  if (different.length > 0) {
    throw new LetheError("autodiff/vector", `The vector must have the names of the parameters; ${different[0]} is only in one of the two.`, {
      parameters: wanted,
      vector: given,
    });
  }
  for (const name of wanted) expectShape("autodiff/vector", `The vector's ${name}`, parameters[name].shape, vector[name].shape);
}
