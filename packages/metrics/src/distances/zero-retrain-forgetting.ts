import { LetheError, type HostTensor } from "@lethe/core";
import { mean } from "../statistics/moments.ts";
import { jsDivergence } from "./jensen-shannon.ts";
import { perRow } from "./rows.ts";

export interface ZeroRetrainForgetting {
  /** 1 - mean Jensen-Shannon divergence in nats; in [1 - log 2, 1]. */
  readonly value: number;
  /** What the published code of Bad Teaching and SSD computes; not bounded, -Infinity or NaN with probabilities of 0, and dependent on the number of classes. */
  readonly asPublished: number;
  /** `value` for each untrained network alone: how far it depends on their seeds. */
  readonly perUntrained: readonly number[];
}

/**
 * Zero-retrain forgetting: ZRF = 1 - (1/n) sum over i of JS(p_u(x_i), p_0(x_i)), p_0 an untrained network; averaged over several of them.
 *
 * Near 1 where the model is as clueless as a network that has learnt nothing. More is not better: the target is a retrained model's value. Untrained networks
 * differ, so use five or more, each with a seed of its own, the same for all models that are compared.
 *
 * `asPublished` = 1 - (1/(n c)) sum over i, c of (m log(m/p) + m log(m/q)) / 2, m = (p + q) / 2: KL with its arguments exchanged, averaged over classes as well,
 * which compresses it towards 1. For comparison with published numbers only.
 *
 * Chundawat et al. 2023, Can Bad Teaching Induce Forgetting?, section 5.
 *
 * @param model `[n, c]` probabilities of the judged model on the forget set.
 * @param untrained `[n, c]` probabilities of each untrained network on the same samples.
 * @returns null for no samples.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/bad-argument` without an untrained network.
 * @example
 * const model = { shape: [1, 2], values: new Float64Array([1, 0]) };
 * const untrained = { shape: [1, 2], values: new Float64Array([0.5, 0.5]) };
 * zeroRetrainForgetting(model, [untrained])?.value; // 0.784238
 * zeroRetrainForgetting(untrained, [untrained])?.asPublished; // 1
 */
export function zeroRetrainForgetting(model: HostTensor, untrained: readonly HostTensor[]): ZeroRetrainForgetting | null {
  if (untrained.length === 0) throw new LetheError("metrics/bad-argument", "Zero-retrain forgetting needs the outputs of an untrained network.");
  const perUntrained = untrained.map((other) => 1 - (mean(jsDivergence(model, other)) ?? NaN));
  if (model.shape[0] === 0) return null;
  const asPublished = untrained.map((other) => 1 - (mean(exchangedPerClass(model, other)) as number));
  return { value: mean(perUntrained) as number, asPublished: mean(asPublished) as number, perUntrained };
}

/** (KL(m || p) + KL(m || q)) / 2, divided by the number of classes. Without a guard, as published: 0 log 0 is NaN, a log 0 infinite. */
function exchangedPerClass(p: HostTensor, q: HostTensor): Float64Array {
  return perRow(p, q, (start, classCount) => {
    let sum = 0;
    for (let i = start; i < start + classCount; i++) {
      const m = (p.values[i] + q.values[i]) / 2;
      sum += m > 0 ? m * (2 * Math.log(m) - Math.log(p.values[i]) - Math.log(q.values[i])) : NaN;
    }
    return sum / 2 / classCount;
  });
}
