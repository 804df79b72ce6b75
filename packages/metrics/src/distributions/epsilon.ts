import { clopperPearson } from "../statistics/clopper-pearson.ts";
import { decisionRules, spread, type RuleErrors } from "./decision-rules.ts";

/** delta of (epsilon, delta)-unlearning, as the competition sets it. */
export const competitionDelta = 1e-5;

/** What the competition gives where no finite epsilon describes the difference. */
const epsilonCap = 50;

/**
 * Epsilon of one sample as the competition scores it, from phi under N unlearned and N retrained models: the largest that any rule of
 * `decisionRules` shows, at most 50.
 *
 * A rule with errors of both kinds shows max(0, log(1 - delta - FPR) - log FNR, log(1 - delta - FNR) - log FPR). One without any error shows
 * infinity; one with errors of only one kind is passed over, as too few models to tell. If one side's range is below 1% of the other's,
 * epsilon is 50 at once.
 *
 * @param unlearned increasing.
 * @param retrained increasing.
 * @returns null if no rule is left: two equal constants, or very few models. The competition's code stops with an error there.
 */
export function competitionEpsilon(unlearned: Float64Array, retrained: Float64Array): number | null {
  const [narrow, wide] = [spread(unlearned), spread(retrained)].toSorted((a, b) => a - b);
  // Two constants have 0 / 0, which is not below 1%: the rules then decide.
  if (narrow / wide < 0.01) return epsilonCap;
  const count = unlearned.length;
  let largest: number | null = null;
  for (const { falsePositives, falseNegatives } of decisionRules(unlearned, retrained)) {
    if ((falsePositives === 0) !== (falseNegatives === 0)) continue;
    const epsilon = falsePositives === 0 ? Infinity : epsilonOf(falsePositives / count, falseNegatives / count, competitionDelta);
    if (epsilon !== null && (largest === null || epsilon > largest)) largest = epsilon;
  }
  return largest === null ? null : Math.min(largest, epsilonCap);
}

/** What a rule with these error rates shows; null where both logarithms are undefined, which is where it is always wrong. */
export function epsilonOf(falsePositiveRate: number, falseNegativeRate: number, delta: number): number | null {
  const sides = [
    Math.log(1 - delta - falsePositiveRate) - Math.log(falseNegativeRate),
    Math.log(1 - delta - falseNegativeRate) - Math.log(falsePositiveRate),
  ].filter((side) => !Number.isNaN(side));
  return sides.length === 0 ? null : Math.max(0, ...sides);
}

export interface EpsilonBoundInput extends RuleErrors {
  /** Models of each side. */
  readonly modelsPerSide: number;
  /** Left out, 1e-5. */
  readonly delta?: number;
  /** Left out, 0.95. */
  readonly confidence?: number;
}

/**
 * Lower confidence bound for the epsilon of one decision rule:
 * max(0, log(1 - delta - FPR_up) - log FNR_up, log(1 - delta - FNR_up) - log FPR_up), FPR_up and FNR_up the one-sided Clopper-Pearson upper
 * bounds, each at 1 - (1 - confidence) / 2, so that both hold together.
 *
 * Valid for a rule that was fixed without looking at these models. Rules without errors need no exception here: with N models a side none
 * can show more than about log(N / 3.7).
 *
 * @throws LetheError `metrics/bad-argument` for impossible counts.
 * @example
 * epsilonLowerBound({ falsePositives: 0, falseNegatives: 0, modelsPerSide: 64 }); // 2.824592
 */
export function epsilonLowerBound(input: EpsilonBoundInput): number {
  const { falsePositives, falseNegatives, modelsPerSide, delta = competitionDelta, confidence = 0.95 } = input;
  const upper = (errors: number) => upperErrorRate(errors, modelsPerSide, confidence);
  return epsilonOf(upper(falsePositives), upper(falseNegatives), delta) ?? 0;
}

/** One-sided Clopper-Pearson bound, such that the bounds for both kinds of errors hold together with the stated confidence. */
export function upperErrorRate(errors: number, modelsPerSide: number, confidence: number): number {
  return clopperPearson({ successes: errors, trials: modelsPerSide, confidence: (1 + confidence) / 2, bounds: "upper" }).upper;
}
