import * as tf from "@tensorflow/tfjs";

/**
 * Gradient of kernel Einsum, which tfjs lacks: by one operand, the product of dy with the other operand, repeated along letters that only
 * this operand has and that were summed away. Of "ij,jk->ik" these are "ik,jk->ij" and "ik,ij->jk".
 *
 * @example
 * tf.registerGradient(einsumGradient);
 * const slopes = tf.grads((a, b) => tf.einsum("ij,jk->ik", a, b));
 * slopes([tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])])[0].arraySync(); // [[3, 4]]
 */
export const einsumGradient: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { equation } = attributes as unknown as { equation: string };
    const [left, out] = equation.replace(/\s/g, "").split("->");
    const letters = left.split(",");
    return Object.fromEntries(saved.map((_, index) => [index, () => operandGradient(dy as tf.Tensor, index, saved, letters, out)]));
  },
};

function operandGradient(dy: tf.Tensor, index: number, operands: readonly tf.Tensor[], letters: readonly string[], out: string): tf.Tensor {
  const operand = operands[index];
  const own = [...letters[index]];
  const isOther = (_: unknown, other: number): boolean => other !== index;
  const terms = [out, ...letters.filter(isOther)];
  const found = own.filter((letter) => terms.some((term) => term.includes(letter)));
  const product = tf.einsum(`${terms.join()}->${found.join("")}`, dy, ...operands.filter(isOther));
  const kept = operand.shape.map((size, axis) => (found.includes(own[axis]) ? size : 1));
  return tf.tile(
    tf.reshape(product, kept),
    operand.shape.map((size, axis) => size / kept[axis]),
  );
}
