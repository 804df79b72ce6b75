import { createRandom, LetheError } from "@lethe/core";

/** Margins of one model. */
export interface IntervalAttackInput {
  readonly forget: ArrayLike<number>;
  /** Samples that no model was trained on, of the classes that occur in the forget set: else the attack tells classes apart. */
  readonly unseen: ArrayLike<number>;
}

export interface IntervalRule {
  /** Which samples are called forgotten: those with lower <= phi <= upper, or all others. */
  readonly forgotten: "inside" | "outside";
  /** `lower` > `upper` where no interval beats calling nobody forgotten. */
  readonly lower: number;
  readonly upper: number;
  /** (TPR + TNR) / 2 on the half that did not choose the rule, in [0, 1]. */
  readonly accuracy: number;
}

export interface IntervalAttack {
  /** Mean over the two rules, in [0, 1]; 0.5 where the margins tell nothing. */
  readonly accuracy: number;
  readonly rules: readonly [IntervalRule, IntervalRule];
}

/**
 * Can one interval of the margin tell forget samples from unseen ones? Asks "was this sample *unlearned*?", and sees what attacks with one threshold cannot: a forget
 * set that was driven to unusual margins on either side, or gathered in a narrow bump at margins that are quite usual, as relabelling at random and
 * training towards uniform output do (the Streisand effect).
 *
 * Both sets are halved at random. On one half the interval with the largest TPR - FPR is chosen, of the rules "forgotten if inside" and "forgotten if outside"; its
 * balanced accuracy is taken on the other half; then the halves change places. An interval that reaches the outermost margin of its half is open there. Target: a
 * retrained model's value; below 0.5 is noise. O(n log n). The order of the samples does not matter.
 *
 * After the rule with two thresholds of the NeurIPS 2023 unlearning competition, which applies it to models instead of samples.
 *
 * @param seed draws the halves. Default 0.
 * @returns null unless both sides have two samples.
 * @throws LetheError `metrics/nan-score`.
 * @example
 * const unseen = Array.from({ length: 200 }, (_, i) => i / 10 - 10);
 * const bump = Array.from({ length: 50 }, (_, i) => i / 1000);
 * intervalAttack({ forget: bump, unseen })!.accuracy > 0.95; // true
 * intervalAttack({ forget: unseen.map(() => 1), unseen: unseen.map(() => 1) })!.accuracy; // 0.5
 */
export function intervalAttack(
  { forget, unseen }: IntervalAttackInput,
  { seed = 0 }: { readonly seed?: number | string } = {},
): IntervalAttack | null {
  if (forget.length < 2 || unseen.length < 2) return null;
  const random = createRandom(seed).split("interval attack");
  const halves = (values: ArrayLike<number>, side: string) => {
    const sorted = Float64Array.from(values).toSorted();
    const bad = sorted.findIndex(Number.isNaN);
    if (bad >= 0) throw new LetheError("metrics/nan-score", `A margin of the ${side} samples is not a number.`, { side });
    const shuffled = Float64Array.from(random.split(side).permutation(sorted.length), (i) => sorted[i]);
    return [shuffled.slice(0, shuffled.length >> 1).toSorted(), shuffled.slice(shuffled.length >> 1).toSorted()] as const;
  };
  const [f, u] = [halves(forget, "forget"), halves(unseen, "unseen")];
  const rule = (fit: 0 | 1, check: 0 | 1): IntervalRule => {
    const chosen = bestInterval(f[fit], u[fit]);
    return { ...chosen, accuracy: (shareForgotten(chosen, f[check]) + 1 - shareForgotten(chosen, u[check])) / 2 };
  };
  const rules = [rule(0, 1), rule(1, 0)] as const;
  return { accuracy: (rules[0].accuracy + rules[1].accuracy) / 2, rules };
}

type Interval = Omit<IntervalRule, "accuracy">;

function shareForgotten({ forgotten, lower, upper }: Interval, values: Float64Array): number {
  const inside = values.reduce((count, value) => count + (lower <= value && value <= upper ? 1 : 0), 0);
  return (forgotten === "inside" ? inside : values.length - inside) / values.length;
}

/**
 * TPR - FPR of an interval is the sum over its values of 1/n_forget or -1/n_unseen, so the best one is the run of sorted values with the largest sum, and the best one to be
 * outside of is the run with the smallest. Sums are scaled to whole numbers, so that ties are ties.
 */
export function bestInterval(forget: ArrayLike<number>, unseen: ArrayLike<number>): Interval {
  const values = Float64Array.from(new Set([...Array.from(forget), ...Array.from(unseen)])).toSorted();
  const worth = new Map<number, number>();
  for (const value of Array.from(forget)) worth.set(value, (worth.get(value) ?? 0) + unseen.length);
  for (const value of Array.from(unseen)) worth.set(value, (worth.get(value) ?? 0) - forget.length);
  const inside = largestRun(values, (value) => worth.get(value) as number);
  const outside = largestRun(values, (value) => -(worth.get(value) as number));
  const [forgotten, { first, last }] = inside.sum >= outside.sum ? (["inside", inside] as const) : (["outside", outside] as const);
  if (last < first) return { forgotten: "inside", lower: Infinity, upper: -Infinity };
  return { forgotten, lower: first === 0 ? -Infinity : values[first], upper: last === values.length - 1 ? Infinity : values[last] };
}

/** The run of neighbours with the largest sum above 0 (Kadane); empty, with `last` before `first`, where there is none. */
function largestRun(values: Float64Array, worth: (value: number) => number): { readonly sum: number; readonly first: number; readonly last: number } {
  let best = { sum: 0, first: 0, last: -1 };
  let sum = 0;
  let first = 0;
  values.forEach((value, i) => {
    if (sum <= 0) [sum, first] = [0, i];
    sum += worth(value);
    if (sum > best.sum) best = { sum, first, last: i };
  });
  return best;
}
