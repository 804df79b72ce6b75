import * as tf from "@tensorflow/tfjs";
import type { Context, TensorTree } from "@lethe/core";
import type { LayerStatistics } from "./artifact.ts";
import { toGroups } from "./groups.ts";
import { unpackMoments, type PackedMoments } from "./statistics.ts";

/**
 * How much a layer's answer to the retained data has changed, from its statistics alone:
 *
 *     sqrt( sum_x ||(W' - W)^T x||^2 / sum_x ||W^T x||^2 )  =  sqrt( tr(dW^T C_r dW) / tr(W^T C_r W) )
 *
 * with the sums over all inputs x of the layer that C_r is made of: those that reached it before the request.
 */
export async function responseChanges(
  before: TensorTree,
  after: TensorTree,
  retained: Readonly<Record<string, PackedMoments>>,
  layers: Readonly<Record<string, LayerStatistics>>,
  context: Context,
): Promise<Readonly<Record<string, number>>> {
  const changes: Record<string, number> = {};
  for (const name of Object.keys(after)) {
    await context.pause();
    const { dimension, kind } = layers[name];
    const groups = retained[name].shape[0];
    const energies = tf.tidy(() => {
      const moments = tf.tensor3d(allGroups(retained[name], dimension), [groups, dimension, dimension]);
      const energy = (kernel: tf.Tensor): tf.Tensor => {
        const w = toGroups(kernel, groups, dimension, kind);
        return tf.sum(tf.mul(w, tf.matMul(moments, w)));
      };
      return tf.stack([energy(tf.sub(after[name], before[name])), energy(before[name])]);
    });
    const [change, whole] = await energies.data();
    energies.dispose();
    // What the subtraction left indefinite can make either of them negative.
    changes[name] = whole > 0 ? Math.sqrt(Math.max(0, change) / whole) : 0;
  }
  return changes;
}

function allGroups(moments: PackedMoments, dimension: number): Float32Array {
  const size = dimension ** 2;
  const all = new Float32Array(moments.shape[0] * size);
  for (let group = 0; group < moments.shape[0]; group++) all.set(unpackMoments(moments, group, dimension).values, group * size);
  return all;
}
