import * as tf from "@tensorflow/tfjs";
import { fromGroups, toGroups, type KernelKind } from "./groups.ts";
import type { ProtectedSubspace } from "./subspace.ts";

/** R - P R for tensors shaped as a layer's kernel. */
export interface Projection {
  apply(residual: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/**
 * The projection out of a protected subspace: what is left of a kernel-shaped tensor R once everything that the protected inputs would see is gone.
 *
 *     R (I - P) in the papers, where kernels are [out, d];  here R - M (M^T R)  or, where the complement is narrower,  N (N^T R)
 *
 * A kernel of tfjs is `[d, out]` in rows, so that M acts from the left. P itself, `[d, d]`, is never formed.
 *
 * @param shape of the kernel.
 * @example
 * const moments = packMoments(Float64Array.of(9, 0, 0, 0, 4, 0, 0, 0, 1), 1, 3);
 * const projection = projectionOut(await protectedSubspace(moments, 3, 0.9, "subset"), [3, 1], "dense");
 * projection.apply(tf.tensor2d([[1], [2], [3]])).arraySync(); // [[0], [0], [3]]
 */
export function projectionOut({ rows, side }: ProtectedSubspace, shape: readonly number[], kind: KernelKind): Projection {
  const basis = tf.tensor3d(rows.values, [...rows.shape]);
  const [groups, length, dimension] = rows.shape;
  return {
    apply: (residual) =>
      tf.tidy(() => {
        if (length === 0) return side === "free" ? tf.zerosLike(residual) : tf.clone(residual);
        // The narrow product is what is transposed: a product with a transposed basis is many times slower on the wasm backend.
        const coefficients = tf.transpose(tf.matMul(basis, toGroups(residual, groups, dimension, kind)), [0, 2, 1]);
        const inside = fromGroups(tf.transpose(tf.matMul(coefficients, basis), [0, 2, 1]) as tf.Tensor3D, shape, kind);
        return side === "free" ? inside : tf.sub(residual, inside);
      }),
    dispose: () => basis.dispose(),
  };
}
