import { LetheError, type HostTensor } from "@lethe/core";

/**
 * Linear centred kernel alignment of two representations of the same samples: CKA = norm_F(Y^T X)^2 / (norm_F(X^T X) norm_F(Y^T Y)) with centred columns.
 *
 * In [0, 1]; 1 for equal representations up to rotation and one common scale. Grows with d / n even for unrelated features: see {@link debiasedLinearCka}. Can be
 * moved without changing what the network computes, so put a second measure and the oracles' CKA among themselves beside it. O(n d_x d_y).
 *
 * Kornblith et al. 2019, Similarity of Neural Network Representations Revisited.
 *
 * @param x `[n, d_x]` features of one layer, any host type.
 * @param y `[n, d_y]` features of the same samples.
 * @returns null where one side is constant over the samples.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const x = { shape: [3, 1], values: Float32Array.of(1, 2, 4) };
 * const y = { shape: [3, 1], values: Float32Array.of(3, 5, 9) };
 * linearCka(x, y); // 1
 */
export function linearCka(x: HostTensor, y: HostTensor): number | null {
  return alignment(x, y, (a, b) => crossProductSquare(a, b));
}

/**
 * {@link linearCka} with the unbiased estimator of the Hilbert-Schmidt independence criterion in all three places: near 0 for unrelated features whatever
 * their number; may fall below 0 or exceed 1.
 *
 * With centred columns, k_i = norm2(x_i)^2 and l_i = norm2(y_i)^2, that estimator is, up to a factor which cancels,
 * norm_F(Y^T X)^2 - n/(n-2) sum of k_i l_i + (sum of k_i)(sum of l_i) / ((n-1)(n-2)). Song et al. 2012, JMLR 13; Nguyen, Raghu, Kornblith 2021.
 *
 * @param x `[n, d_x]` features of one layer, any host type.
 * @param y `[n, d_y]` features of the same samples.
 * @returns null below four samples and where one side is constant over the samples.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const x = { shape: [4, 1], values: Float32Array.of(1, 2, 4, 7) };
 * debiasedLinearCka(x, x); // 1
 */
export function debiasedLinearCka(x: HostTensor, y: HostTensor): number | null {
  const n = x.shape[0];
  if (n < 4) return null;
  return alignment(x, y, (a, b) => {
    let product = 0;
    let sumA = 0;
    let sumB = 0;
    for (let i = 0; i < n; i++) {
      const [k, l] = [squareOfRow(a, i), squareOfRow(b, i)];
      product += k * l;
      sumA += k;
      sumB += l;
    }
    return crossProductSquare(a, b) - (n / (n - 2)) * product + (sumA * sumB) / ((n - 1) * (n - 2));
  });
}

type Features = HostTensor & { readonly values: Float64Array };

function alignment(x: HostTensor, y: HostTensor, dependence: (a: Features, b: Features) => number): number | null {
  const [a, b] = [centred(x), centred(y)];
  if (a.shape[0] !== b.shape[0]) {
    throw new LetheError("metrics/shape-mismatch", `Features of ${a.shape[0]} and ${b.shape[0]} samples cannot be compared.`);
  }
  if (isZero(a) || isZero(b)) return null;
  const own = dependence(a, a) * dependence(b, b);
  return own > 0 ? dependence(a, b) / Math.sqrt(own) : null;
}

/** Columns minus their means; a column of equal values becomes exactly 0. */
function centred({ shape, values }: HostTensor): Features {
  const [n, d] = shape;
  if (shape.length !== 2 || values.length !== n * d || !values.every(Number.isFinite)) {
    throw new LetheError("metrics/shape-mismatch", `Features must be finite and [samples, features], not [${shape.join(", ")}].`, { shape });
  }
  // Measured from the first row, so that a large common offset costs no digits.
  const result = Float64Array.from(values, (value, i) => value - values[i % d]);
  for (let c = 0; c < d; c++) {
    let sum = 0;
    for (let i = c; i < result.length; i += d) sum += result[i];
    for (let i = c; i < result.length; i += d) result[i] -= sum / n;
  }
  return { shape, values: result };
}

function isZero({ values }: Features): boolean {
  return values.every((value) => value === 0);
}

function squareOfRow({ shape: [, d], values }: Features, row: number): number {
  let sum = 0;
  for (let i = row * d; i < (row + 1) * d; i++) sum += values[i] ** 2;
  return sum;
}

/** norm_F(B^T A)^2 */
function crossProductSquare({ shape: [n, p], values: a }: Features, { shape: [, q], values: b }: Features): number {
  let total = 0;
  const column = new Float64Array(q);
  for (let j = 0; j < p; j++) {
    column.fill(0);
    for (let i = 0; i < n; i++) {
      const value = a[i * p + j];
      for (let k = 0; k < q; k++) column[k] += value * b[i * q + k];
    }
    for (let k = 0; k < q; k++) total += column[k] ** 2;
  }
  return total;
}
