import { LetheError } from "@lethe/core";

/**
 * Scores of an attack, one per sample; a larger score means "more likely a member". Infinite scores are allowed, NaN is not.
 */
export interface AttackScores {
  readonly members: ArrayLike<number>;
  readonly nonMembers: ArrayLike<number>;
}

/**
 * Receiver operating characteristic: what every threshold t of the rule "member if score >= t" achieves, from the strictest to the loosest.
 * Equal scores fall together, so there is one vertex per distinct score, after the vertex (0, 0) where nobody is called a member.
 */
export interface Roc {
  readonly thresholds: Float64Array;
  readonly falsePositiveRates: Float64Array;
  readonly truePositiveRates: Float64Array;
  /** Area under the curve: P(member score > non-member score) + P(equal) / 2. */
  readonly auc: number;
}

/**
 * Exact ROC by one sort, O(n log n); ties count half in the area.
 *
 * @returns null when either side has no samples: no rate is defined then.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * roc({ members: [3, 2], nonMembers: [2, 1] })?.auc; // 0.875
 */
export function roc({ members, nonMembers }: AttackScores): Roc | null {
  if (members.length === 0 || nonMembers.length === 0) return null;
  const positive = descending(members);
  const negative = descending(nonMembers);
  const thresholds = [Infinity];
  const falsePositives = [0];
  const truePositives = [0];
  let p = 0;
  let n = 0;
  let twiceArea = 0;
  while (p < positive.length || n < negative.length) {
    const threshold = Math.max(positive[p] ?? -Infinity, negative[n] ?? -Infinity);
    const before = { p, n };
    while (p < positive.length && positive[p] === threshold) p++;
    while (n < negative.length && negative[n] === threshold) n++;
    // A whole number in units of half a pair, hence exact up to 2^53.
    twiceArea += (n - before.n) * (p + before.p);
    thresholds.push(threshold);
    falsePositives.push(n);
    truePositives.push(p);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    falsePositiveRates: Float64Array.from(falsePositives, (count) => count / negative.length),
    truePositiveRates: Float64Array.from(truePositives, (count) => count / positive.length),
    auc: twiceArea / (2 * positive.length * negative.length),
  };
}

/**
 * True-positive rate at a false-positive rate: the largest TPR of a threshold whose FPR is at most `limit`.
 *
 * No interpolation between vertices: the value is what some threshold really achieves. With fewer than 1 / limit non-members this is the
 * TPR without any false positive.
 *
 * @example
 * tprAtFpr(roc({ members: [3, 2], nonMembers: [2, 1] })!, 0.01); // 0.5
 */
export function tprAtFpr(curve: Roc, limit: number): number {
  let best = 0;
  curve.falsePositiveRates.forEach((rate, i) => {
    if (rate <= limit) best = Math.max(best, curve.truePositiveRates[i]);
  });
  return best;
}

/**
 * Membership advantage of the best threshold: max over thresholds of TPR - FPR.
 *
 * Chosen on the same samples it is measured on, so it is above 0 even without any signal; compare with the oracles' value only.
 *
 * @example
 * largestAdvantage(roc({ members: [3, 2], nonMembers: [2, 1] })!); // 0.5
 */
export function largestAdvantage(curve: Roc): number {
  return curve.truePositiveRates.reduce((best, rate, i) => Math.max(best, rate - curve.falsePositiveRates[i]), 0);
}

function descending(scores: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(scores);
  const bad = sorted.findIndex(Number.isNaN);
  if (bad >= 0) throw new LetheError("metrics/nan-score", `The attack score of sample ${bad} is not a number.`, { sample: bad });
  return sorted.toSorted().toReversed();
}
