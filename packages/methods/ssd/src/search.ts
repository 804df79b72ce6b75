import { adaptiveAlpha } from "./dampen.ts";

export interface SearchResult {
  /** The alpha that was settled on, or `undefined` where none reached the goal. */
  readonly alpha: number | undefined;
  readonly tries: number;
  /** Accuracy on the forget set at that alpha; else the lowest that was met. */
  readonly accuracy: number;
}

/** Each try asks ASSD's rule for half as many samples more. Potion grows the share by a tenth and takes several times as many passes over D_f. */
const growth = 1.5;

/**
 * The mildest dampening that brings the accuracy on the forget set down to a goal: alpha by ASSD's rule for an ever larger assumed share of
 * samples, s = s_0, 1.5 s_0, 2.25 s_0, ... with s_0 = |D_f| / |D| / 25, until accuracy(alpha) <= goal. Only the forget set is needed.
 *
 * After Potion (Schoepf, Foster, Brintrup 2024), which leaves importances and search as they are here but grows s by 1.1. Ends without result
 * where alpha would fall below 1: from there on it would dampen what matters more to D than to the forget set.
 *
 * @param ratios I_f / I_D, increasing.
 * @param share |D_f| / |D|.
 * @param goal accuracy in [0, 1].
 * @param accuracy on the forget set, of the model dampened with this alpha.
 */
export async function searchAlpha(
  ratios: Float64Array,
  share: number,
  goal: number,
  accuracy: (alpha: number) => Promise<number>,
): Promise<SearchResult> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let assumed = share / 25, tries = 1; ; assumed *= growth, tries++) {
    const { alpha } = adaptiveAlpha(ratios, assumed);
    if (!(alpha >= 1) || ratios.length === 0) return { alpha: undefined, tries: tries - 1, accuracy: lowest };
    const reached = await accuracy(alpha);
    lowest = Math.min(lowest, reached);
    if (reached <= goal) return { alpha, tries, accuracy: reached };
  }
}
