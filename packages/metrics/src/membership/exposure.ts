import { median } from "../statistics/moments.ts";
import { roc, type AttackScores } from "./roc.ts";

/** Margins of the forget set and of unseen samples under one model. */
export interface ExposureInput {
  readonly forget: ArrayLike<number>;
  readonly unseen: ArrayLike<number>;
}

/**
 * Does the forget set stand out from unseen samples, on whichever side? AUC of the two-sided score abs(phi(x) - median of phi over the
 * unseen samples) between the forget set and the unseen samples, phi the {@link margin}.
 *
 * A one-sided attack calls a forget set with absurdly *low* confidence well forgotten; this one sees it (the Streisand effect). Near 0.5 when
 * both sets are alike; below when the forget set lies closer to the median than unseen samples do.
 *
 * @returns null when either set is empty.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * exposureAuc({ forget: [-9, -8], unseen: [0, 1, 2] }); // 1
 */
export function exposureAuc({ forget, unseen }: ExposureInput): number | null {
  const centre = median(unseen);
  if (centre === null) return null;
  const scores: AttackScores = { members: distances(forget, centre), nonMembers: distances(unseen, centre) };
  return roc(scores)?.auc ?? null;
}

function distances(values: ArrayLike<number>, centre: number): Float64Array {
  return Float64Array.from(values, (value) => Math.abs(value - centre));
}
