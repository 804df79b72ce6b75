import { roc } from "../membership/roc.ts";
import { splitByMembership } from "./lira.ts";
import type { RmiaPrior } from "./rmia-prior.ts";
import { rmiaScores, type RmiaInput } from "./rmia.ts";

export interface RmiaTuningInput extends RmiaInput {
  /** `[samples]`: 1 where the model in the place of the target was trained with the sample. */
  readonly targetMembers: ArrayLike<number>;
}

export interface TunedRmia {
  readonly a: number;
  /** Of the rehearsal at this a. */
  readonly auc: number;
}

/**
 * Chooses a of offline RMIA by rehearsing the attack on a reference model, whose members are known, with the help of the other references:
 * the a among 0, 0.1 ... 1 with the largest AUC, the first one on a tie.
 *
 * The model in the target's place must be none of the references, and never the real target: its members are what is being asked.
 *
 * ML Privacy Meter passes the population's probabilities under the real target where those under the rehearsed model belong; its numbers come
 * out with `"privacy-meter"` and that population.
 *
 * @param variant `"privacy-meter"` scores as that tool does, with `kept` 1. Left out, `"offline"`.
 * @returns null when the rehearsed model has no members or no non-members among the samples.
 * @throws LetheError as `rmiaScores`.
 * @example
 * const samples = {
 *   target: [0.9, 0.5],
 *   references: { shape: [1, 2], values: new Float64Array([0.3, 0.5]) },
 *   members: { shape: [1, 2], values: new Uint8Array(2) },
 * };
 * const population = { target: [0.6, 0.9], references: { shape: [1, 2], values: new Float64Array([0.5, 0.5]) } };
 * tuneRmia({ samples, population, targetMembers: [1, 0] }); // { a: 0, auc: 1 }
 */
export function tuneRmia(
  { samples, population, targetMembers }: RmiaTuningInput,
  variant: "offline" | "privacy-meter" = "offline",
): TunedRmia | null {
  const truth = { shape: [1, targetMembers.length], values: Uint8Array.from(targetMembers) };
  let best: TunedRmia | null = null;
  for (let tenths = 0; tenths <= 10; tenths++) {
    const a = tenths / 10;
    const prior: RmiaPrior = variant === "offline" ? { kind: "offline", a } : { kind: "privacy-meter", a, kept: 1 };
    const values = rmiaScores({ samples, population }, { prior });
    const auc = roc(splitByMembership({ shape: [1, values.length], values }, truth))?.auc;
    if (auc === undefined) return null;
    if (best === null || auc > best.auc) best = { a, auc };
  }
  return best;
}
