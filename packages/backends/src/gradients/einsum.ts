import * as tf from "@tensorflow/tfjs";
import { expandTo } from "./broadcast.ts";

/**
 * Gradient of kernel Einsum, which tfjs lacks: with respect to one operand, the product of dy with the other operand, and repeated along
 * letters that only this operand has and that were summed away.
 *
 * @example
 * tf.grads((a, b) => tf.einsum("ij,jk->ik", a, b)); // "ik,jk->ij" and "ik,ij->jk"
 */
export const einsumGradient: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { equation } = attributes as unknown as { equation: string };
    const [left, out] = equation.replace(/\s/g, "").split("->") as [string, string];
    const letters = left.split(",");
    return Object.fromEntries(saved.map((operand, index) => [index, () => operandGradient(dy as tf.Tensor, operand, index, saved, letters, out)]));
  },
};

function operandGradient(
  dy: tf.Tensor,
  operand: tf.Tensor,
  index: number,
  operands: readonly tf.Tensor[],
  letters: readonly string[],
  out: string,
): tf.Tensor {
  const own = [...(letters[index] as string)];
  const others = letters.filter((_, other) => other !== index);
  const found = own.filter((letter) => [out, ...others].some((word) => word.includes(letter)));
  const shape = operand.shape.map((size, axis) => (found.includes(own[axis] as string) ? size : 1));
  const others$ = operands.filter((_, other) => other !== index);
  const product = tf.einsum(`${[out, ...others].join()}->${found.join("")}`, dy, ...others$);
  return expandTo(tf.reshape(product, shape), operand.shape);
}
