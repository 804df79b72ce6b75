import { LetheError, type HostTree } from "@lethe/core";
import { checkSameWeights, layerOf } from "./layers.ts";

/** Independent normal distributions of the weights, as scrubbing by Fisher noise leaves them. */
export interface WeightDistribution {
  /** Of each weight, any host type. */
  readonly mean: HostTree;
  /** Of the same names and shapes, above 0: as a rule lambda / (Fisher information + a small number). */
  readonly variance: HostTree;
}

/** In nats. */
export interface InformationBound {
  /** KL(model || reference). */
  readonly value: number;
  /** Without the factor 1/2, as the authors' code has it: twice the divergence. */
  readonly asPublished: number;
  /** The part of `value` in each layer; the parts sum to it. */
  readonly layers: Readonly<Record<string, number>>;
}

/**
 * Bound for the information about the forget set that the weights still hold: the divergence of the distribution of unlearned weights from that of
 * retrained ones,
 *
 * KL(model || reference) = 1/2 sum over weights of (mu_u - mu_r)^2 / v_r + v_u / v_r - log(v_u / v_r) - 1.
 *
 * No reader of the weights can tell the two apart better than this allows, *if* weights are really drawn from these distributions. For a method that adds no noise
 * the variances are an assumption, and the number says where weights moved in units of the loss surface, not what leaks. Independent trainings end far apart: use a
 * shared initialisation, and compare with the bound between two retrained models.
 *
 * A layer is what stands before the last slash of a weight's name. Golatkar, Achille, Soatto 2020, Eternal Sunshine of the Spotless Net, section 4; their code leaves out
 * the factor 1/2.
 *
 * @throws LetheError `metrics/shape-mismatch`; `metrics/bad-argument` for a variance that is not above 0, or a weight that is not finite.
 * @example
 * const weights = (value: number) => ({ "dense/kernel": { shape: [1], values: Float64Array.of(value) } });
 * const bound = informationBound({ mean: weights(3), variance: weights(1) }, { mean: weights(1), variance: weights(1) });
 * bound.value; // 2
 * bound.asPublished; // 4
 */
export function informationBound(model: WeightDistribution, reference: WeightDistribution): InformationBound {
  for (const weights of [model.variance, reference.mean, reference.variance]) checkSameWeights(model.mean, weights);
  const layers = new Map<string, number>();
  for (const name of Object.keys(model.mean)) {
    const layer = layerOf(name);
    layers.set(layer, (layers.get(layer) ?? 0) + divergence(name, model, reference));
  }
  const value = Array.from(layers.values()).reduce((sum, part) => sum + part, 0);
  return { value, asPublished: 2 * value, layers: Object.fromEntries(layers) };
}

function divergence(name: string, model: WeightDistribution, reference: WeightDistribution): number {
  let sum = 0;
  for (let i = 0; i < model.mean[name].values.length; i++) {
    const shift = model.mean[name].values[i] - reference.mean[name].values[i];
    const [own, other] = [model.variance[name].values[i], reference.variance[name].values[i]];
    if (!(own > 0 && other > 0 && own < Infinity && other < Infinity && Number.isFinite(shift))) {
      throw new LetheError("metrics/bad-argument", `Weight ${i} of ${name} needs a finite mean and a variance above 0 in both models.`, { name, i });
    }
    const growth = (own - other) / other;
    // v_u / v_r - 1 - log(v_u / v_r): by log1p, since it is the small difference of two numbers where the variances are nearly equal.
    sum += shift ** 2 / other + growth - Math.log1p(growth);
  }
  return sum / 2;
}
