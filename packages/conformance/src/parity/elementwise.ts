import * as tf from "@tensorflow/tfjs";
import { hessianVectorProduct } from "@lethe/core/autodiff";
import { drawn, tensorOf } from "./drawn.ts";
import { scalarFunctions, type ScalarFunction } from "./functions.ts";
import { tensorCase, type Numbers, type ParityCase } from "./parity-case.ts";

const shape = [5, 7];

/** Every function of one number, its gradient and its second derivative, against float64. */
export const elementwiseCases: readonly ParityCase[] = scalarFunctions.flatMap((definition) => {
  const { name, apply, value, first, second, domain = [-2, 2] } = definition;
  const x = drawn(shape, 4, ...domain);
  const [weights, direction] = [drawn(shape, 5), drawn(shape, 6)];
  const mapped = (exact: ScalarFunction["value"], ...factors: readonly Numbers[]) => [
    { shape, values: Float64Array.from(x.values, (point, i) => factors.reduce((product, { values }) => product * values[i], exact(point))) },
  ];
  // L = sum of w f(x): its gradient is w f'(x), and its Hessian diagonal, w f''(x).
  const loss = (point: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tensorOf(weights), apply(point)));
  return [
    tensorCase(
      "kernels",
      name,
      () => apply(tensorOf(x)),
      () => mapped(value),
    ),
    ...(first
      ? [
          tensorCase(
            "gradients",
            name,
            () => tf.grad(loss)(tensorOf(x)),
            () => mapped(first, weights),
          ),
        ]
      : []),
    ...(second
      ? [
          tensorCase(
            "second derivatives",
            name,
            () => hessianVectorProduct((tree) => loss(tree["x"]), { x: tensorOf(x) }, { x: tensorOf(direction) })["x"],
            () => mapped(second, weights, direction),
          ),
        ]
      : []),
  ];
});
