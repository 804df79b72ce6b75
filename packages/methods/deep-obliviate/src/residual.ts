import type { HostTree, TensorDifference } from "@lethe/core";

/**
 * Temporal residual memory of a block, from the parameters before and after it in the original and in the retrained course:
 *
 *     Delta_k = || (P_k - P_{k-1}) - (P'_k - P'_{k-1}) ||_1
 *
 * The difference of what the block did to the two models, not of the models. A plain sum over all parameters, in float64: it grows with their number and
 * with the learning rate. Read tensor by tensor, so that of the original course no more than one tensor is in memory.
 *
 * @param original every tensor of the two original snapshots; those whose name does not begin with `parameters/` are passed over.
 * @see https://arxiv.org/abs/2105.06209
 * @example
 * const w = (value) => ({ w: { shape: [1], values: Float32Array.of(value) } });
 * async function* original() {
 *   yield { name: "parameters/w", shape: [1], before: Float32Array.of(4), after: Float32Array.of(0) };
 * }
 * await residualMemory(original(), w(4), w(4)); // 4
 */
export async function residualMemory(original: AsyncIterable<TensorDifference>, before: HostTree, after: HostTree): Promise<number> {
  let sum = 0;
  for await (const tensor of original) {
    if (!tensor.name.startsWith(prefix)) continue;
    const name = tensor.name.slice(prefix.length);
    const [from, to] = [before[name].values, after[name].values];
    for (let i = 0; i < from.length; i++) sum += Math.abs(tensor.after[i] - tensor.before[i] - (to[i] - from[i]));
  }
  return sum;
}

const prefix = "parameters/";
