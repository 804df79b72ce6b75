import { LetheError, type HostTensor } from "@lethe/core";

/**
 * Shannon entropy of every row: H(p) = -sum over c of p_c log p_c, in nats, with 0 log 0 = 0.
 *
 * @param probabilities `[n, c]`, rows that sum to 1 (see {@link softmax}).
 * @returns `[n]` float64, between 0 and log c.
 * @throws LetheError `metrics/shape-mismatch` unless the tensor is `[n, c]`.
 * @example
 * entropy({ shape: [2, 2], values: new Float64Array([0.5, 0.5, 1, 0]) }); // [0.693147, 0]
 */
export function entropy(probabilities: HostTensor): Float64Array {
  const { shape, values } = probabilities;
  const [count, classCount] = shape;
  if (shape.length !== 2 || values.length !== count * classCount) {
    throw new LetheError("metrics/shape-mismatch", `Probabilities must be [samples, classes], not [${shape.join(", ")}].`, { shape });
  }
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = row * classCount; i < (row + 1) * classCount; i++) if (values[i] > 0) sum -= values[i] * Math.log(values[i]);
    return sum;
  });
}
