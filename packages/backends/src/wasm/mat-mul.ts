import * as tf from "@tensorflow/tfjs";
import { address, call, dispose, floats, output, transpose, zeros } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";
import { outerProductsOf } from "./simd/of-backend.ts";

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

/**
 * Kernel BatchMatMul in the cases where the stock one is a scalar loop (2 to 3 GFLOP/s): a transposed operand or a batch.
 * `C[b, i, j] = sum_k A[b, k, i] B[b, k, j]` is a sum of outer products of rows; operands stored the other way are transposed first.
 * A single plain product is left to the stock kernel, which is fast; so is one with b transposed, once b is plain, unless a has few rows.
 *
 * @param inputs a `[..., m, k]` and b `[..., k, n]` float32, each transposed in its last two axes where the attributes say so
 */
export function matMul(backend: WasmBackend, inputs: Inputs, attributes: MatMulAttributes): tf.TensorInfo | undefined {
  const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
  const { transposeA, transposeB } = attributes;
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [countA, countB] = [tf.util.sizeFromShape(batchA), tf.util.sizeFromShape(batchB)];
  const single = countA === 1 && countB === 1;
  if (single && !transposeA && !transposeB) return withOwnWeights(backend, "BatchMatMul", { a, b }, attributes);
  if (a.dtype !== "float32" || b.dtype !== "float32" || a.shape.includes(0) || b.shape.includes(0)) return undefined;
  const outer = outerProductsOf(backend);
  if (single && !transposeA && (!outer || (a.shape.at(-2) as number) > fewRows)) {
    const plain = swapped(backend, b);
    const c = call(backend, "BatchMatMul", { a, b: plain }, { transposeA: false, transposeB: false });
    dispose(backend, plain);
    return c;
  }
  const broadcasts = countA === countB || countA === 1 || countB === 1;
  // The stock kernel has the error message for inner sizes that differ.
  if (!outer || !broadcasts || a.shape.at(transposeA ? -2 : -1) !== b.shape.at(transposeB ? -1 : -2)) return undefined;
  const [left, right] = [transposeA ? a : swapped(backend, a), transposeB ? swapped(backend, b) : b];
  const [k, m] = left.shape.slice(-2) as [number, number];
  const n = right.shape.at(-1) as number;
  const c = zeros(backend, [...tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB), m, n]);
  const [atA, atB, atC] = [address(backend, left), address(backend, right), address(backend, c)];
  for (let batch = 0; batch < Math.max(countA, countB); batch++) {
    const [startA, startB] = [atA + (batch % countA) * k * m * 4, atB + (batch % countB) * k * n * 4];
    for (let from = 0; from < k; from += chunk) {
      const count = Math.min(chunk, k - from);
      outer(startA + from * m * 4, startB + from * n * 4, atC + batch * m * n * 4, 1, count, 0, m * 4, 0, n * 4, m, n, n * 4);
    }
  }
  if (left !== a) dispose(backend, left);
  if (right !== b) dispose(backend, right);
  return c;
}

/** Rows of a up to which the stock kernel spends more time on packing a fresh b than on the product. */
const fewRows = 64;

/** Rows per call, so that the columns of A and B that a tile streams stay in the first-level cache. */
const chunk = 256;

const packed = new WeakMap<object, string>();

/**
 * The stock products keep b packed for the next use and find it again by its buffer alone: a second product with the same values in another
 * shape (a reshape shares its buffer) would be wrong, or write outside its output. Such a b is copied; others are left to the stock kernel.
 */
function withOwnWeights<Attributes extends object>(
  backend: WasmBackend,
  name: "BatchMatMul" | "_FusedMatMul",
  inputs: Inputs,
  attributes: Attributes,
): tf.TensorInfo | undefined {
  const b = inputs["b"] as tf.TensorInfo;
  const shape = b.shape.slice(-2).join();
  const first = packed.get(b.dataId) ?? shape;
  packed.set(b.dataId, first);
  if (first === shape) return undefined;
  const copy = output(backend, b.shape);
  floats(backend, copy).set(floats(backend, b));
  const c = call(backend, name, { ...inputs, b: copy }, attributes);
  dispose(backend, copy);
  return c;
}

/** Kernel _FusedMatMul, safe in the same way. */
export function fusedMatMul(backend: WasmBackend, inputs: Inputs, attributes: object): tf.TensorInfo | undefined {
  return withOwnWeights(backend, "_FusedMatMul", inputs, attributes);
}

/** x `[..., r, c]` as `[..., c, r]`. */
function swapped(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length;
  const leading = x.shape.slice(0, -2).map((_, axis) => axis);
  return transpose(backend, x, [...leading, rank - 1, rank - 2]);
}
