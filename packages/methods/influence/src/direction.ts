import type { FlatLoss } from "@lethe/core/curvature";
import type { InfluenceOptions } from "./options.ts";
import { combination, norm } from "./vector.ts";

/** Mean losses over the parts of the data, as functions of the same parameters. */
export interface Parts {
  /** What is left: the retained samples, and the corrected ones. */
  readonly left: FlatLoss;
  /** Z, the forget set as it was trained on. */
  readonly erased: FlatLoss;
  /** Z~; none where samples are removed. */
  readonly corrected: FlatLoss | undefined;
}

export interface Direction {
  /** The step is `rate` times H^-1 of this, or of itself. */
  readonly vector: Float64Array;
  readonly rate: number;
  /** Mean gradient of what is left. */
  readonly gradient: Float64Array;
  readonly lossBefore: number;
  readonly erasedLossBefore: number;
  /** ||n g(w)|| / ||G||, see {@link directionOf}. */
  readonly stationarity: number;
}

/**
 * What each form makes of the gradients at w. With G = sum over Z~ of grad l - sum over Z of grad l, the L2 term being part of every l:
 *
 *     erased         v = -G / n_left            for removal (n_e / n_r) g_e
 *     iu             v = (n_e / n) (g_e - g_r)   times alpha
 *     second-order   v = -G / n_H               n_H samples are in the mean that H belongs to
 *     first-order    v = -G                     times tau, without H
 *
 * The gradient of what is left is (n g(w) + G) / n_left, g of all data. Where g(w) = 0 the first is Newton's, and IU's v is the same; elsewhere
 * `stationarity` says how much was left out, in units of what was kept.
 *
 * @param hessianSamples n_H.
 */
export async function directionOf(
  { left, erased, corrected }: Parts,
  at: Float64Array,
  { form, alpha, tau }: Pick<InfluenceOptions, "form" | "alpha" | "tau">,
  hessianSamples: number,
): Promise<Direction> {
  const ofLeft = await left.gradient(at);
  const ofErased = await erased.gradient(at);
  const change = combination([
    [-erased.sampleCount, ofErased.gradient],
    ...(corrected ? [[corrected.sampleCount, (await corrected.gradient(at)).gradient] as const] : []),
  ]);
  const total = combination([
    [left.sampleCount, ofLeft.gradient],
    [-1, change],
  ]);
  const share = erased.sampleCount / (erased.sampleCount + left.sampleCount);
  const [rate, vector] = {
    erased: () => [1, combination([[-1 / left.sampleCount, change]])] as const,
    iu: () =>
      [
        alpha,
        combination([
          [share, ofErased.gradient],
          [-share, ofLeft.gradient],
        ]),
      ] as const,
    "second-order": () => [1, combination([[-1 / hessianSamples, change]])] as const,
    "first-order": () => [tau, combination([[-1, change]])] as const,
  }[form]();
  return {
    vector,
    rate,
    gradient: ofLeft.gradient,
    lossBefore: ofLeft.value,
    erasedLossBefore: ofErased.value,
    stationarity: norm(total) / norm(change),
  };
}
