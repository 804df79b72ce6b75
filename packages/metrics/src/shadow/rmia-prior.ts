import { LetheError, type HostTensor } from "@lethe/core";
import { mean } from "../statistics/moments.ts";
import { tooFewModels, valuesOfSample } from "./model-scores.ts";

/**
 * How RMIA estimates p(x), the probability of the right class under models in general.
 *
 * - `online`: (p_in + p_out) / 2, the means over the reference models trained with and without x. A population sample, which none was
 *   trained with, has p(z) = p_out.
 * - `offline`: ((1 + a) p_out + (1 - a)) / 2, from models trained without x alone; a in [0, 1] says how closely p_in follows p_out,
 *   p_in = a p_out + 1 - a. See `tuneRmia`.
 * - `privacy-meter`: `offline` as ML Privacy Meter computes it (at commit e384af8), for numbers that are to agree with that tool. Its p_out
 *   keeps the `kept` largest probabilities of a sample, IN models counting as 0, and divides by `kept`, even when fewer models are OUT. A
 *   population sample, whose models are all OUT, thus averages over its *largest* probabilities only, so that the two sides of the comparison
 *   are not estimated alike. With `kept` 1 it instead averages over all models, those trained with x being entered as
 *   (p + a - 1) / a, or (p - 0.7) / 0.3 for a = 0, which may be negative. Its own default is half of the reference models.
 */
export type RmiaPrior =
  | { readonly kind: "online" }
  | { readonly kind: "offline"; readonly a: number }
  | { readonly kind: "privacy-meter"; readonly a: number; readonly kept: number };

/** p(x) of every sample; `[samples]`. */
export function averageProbabilities(references: HostTensor, members: HostTensor, prior: RmiaPrior): Float64Array {
  if (prior.kind !== "online" && !(prior.a >= 0 && prior.a <= 1)) {
    throw new LetheError("metrics/bad-argument", `RMIA's a must lie in [0, 1]; it is ${prior.a}.`, { a: prior.a });
  }
  if (prior.kind === "privacy-meter" && !(Number.isInteger(prior.kept) && prior.kept >= 1)) {
    throw new LetheError("metrics/bad-argument", `The number of probabilities to keep must be a whole number from 1 on; it is ${prior.kept}.`, {
      kept: prior.kept,
    });
  }
  return Float64Array.from({ length: references.shape[1] }, (_, j) => {
    const probabilities = valuesOfSample(references, j);
    const inside = valuesOfSample(members, j);
    const those = (kind: number) => probabilities.filter((_, model) => inside[model] === kind);
    if (prior.kind === "privacy-meter") return offlinePrior(privacyMeterOut(probabilities, inside, prior), prior.a);
    const out = mean(those(0));
    if (out === null) throw tooFewModels(j, "trained without it", 0, 1);
    if (prior.kind === "offline") return offlinePrior(out, prior.a);
    const within = mean(those(1));
    if (within === null) throw tooFewModels(j, "trained with it", 0, 1);
    return (within + out) / 2;
  });
}

/** From p_out to p, as offline RMIA estimates it. */
export function offlinePrior(out: number, a: number): number {
  return ((1 + a) / 2) * out + (1 - a) / 2;
}

function privacyMeterOut(probabilities: Float64Array, inside: Float64Array, { a, kept }: { readonly a: number; readonly kept: number }): number {
  if (kept === 1) {
    const stretch = a === 0 ? 0.3 : a;
    return mean(probabilities.map((p, model) => (inside[model] === 1 ? (p + stretch - 1) / stretch : p))) as number;
  }
  const out = probabilities.map((p, model) => (inside[model] === 1 ? 0 : p));
  return mean(out.toSorted().toReversed().slice(0, kept)) as number;
}
