import type { HostTree } from "@lethe/core";
import { checkSameWeights, layerOf } from "./layers.ts";

export interface WeightDistance {
  /** norm2(w_u - w_r) / norm2(w_r) of each layer; null for a layer whose reference is all zeros. */
  readonly layers: Readonly<Record<string, number | null>>;
  /** The same over all layers together: sqrt(sum of squared differences / sum of squared reference weights); null where the reference is all zeros. */
  readonly total: number | null;
  /** norm2(w_u - w_r) over all layers together, in the units of the weights. */
  readonly length: number;
}

/**
 * Relative distance of two models' weights, layer by layer: d_l = norm2(w_u^l - w_r^l) / norm2(w_r^l).
 *
 * A layer is what stands before the last slash of a name: `dense_1/kernel` and `dense_1/bias` are one layer. Pass parameters and buffers in two calls:
 * batch-norm statistics are of another scale and would drown the rest.
 *
 * Says little between independent trainings, which end far apart whatever they know; use it with a shared initialisation, or against the original model, and beside
 * the distance of the oracles among themselves. Golatkar et al. 2020 (Eternal Sunshine) divide by the first model's norm.
 *
 * @param model weights of the judged model, any host type.
 * @param reference weights of the same names and shapes; its norms are the unit.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * const model = { "dense/kernel": { shape: [2], values: Float32Array.of(3, 4) }, "dense/bias": { shape: [1], values: Float32Array.of(1) } };
 * const reference = { "dense/kernel": { shape: [2], values: Float32Array.of(3, 0) }, "dense/bias": { shape: [1], values: Float32Array.of(4) } };
 * weightDistance(model, reference); // { layers: { dense: 1 }, total: 1, length: 5 }
 */
export function weightDistance(model: HostTree, reference: HostTree): WeightDistance {
  checkSameWeights(model, reference);
  const layers = new Map<string, Squares>();
  const all: Squares = { difference: 0, reference: 0 };
  for (const name of Object.keys(reference)) {
    const squares = squaresOf(model[name].values, reference[name].values);
    const layer = layerOf(name);
    const sums = layers.get(layer) ?? { difference: 0, reference: 0 };
    layers.set(layer, sums);
    for (const sum of [sums, all]) {
      sum.difference += squares.difference;
      sum.reference += squares.reference;
    }
  }
  return {
    layers: Object.fromEntries(Array.from(layers, ([layer, squares]) => [layer, relative(squares)])),
    total: relative(all),
    length: Math.sqrt(all.difference),
  };
}

interface Squares {
  difference: number;
  reference: number;
}

function relative({ difference, reference }: Squares): number | null {
  return reference === 0 ? null : Math.sqrt(difference / reference);
}

function squaresOf(own: ArrayLike<number>, other: ArrayLike<number>): Squares {
  const sums: Squares = { difference: 0, reference: 0 };
  for (let i = 0; i < other.length; i++) {
    sums.difference += (own[i] - other[i]) ** 2;
    sums.reference += other[i] ** 2;
  }
  return sums;
}
