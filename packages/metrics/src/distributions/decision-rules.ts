import { median } from "../statistics/moments.ts";

/** Which side a rule expects inside its limits. */
export type Side = "unlearned" | "retrained";

/**
 * Rule for one sample: a model with lower <= phi <= upper is taken to be of the `inside` side. With upper = infinity it is a single threshold.
 */
export interface DecisionRule {
  readonly inside: Side;
  readonly lower: number;
  readonly upper: number;
}

/** Wrong answers of a rule on some models: those of the other side inside, and those of its own side outside. */
export interface RuleErrors {
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

const thresholdsPerUnit = 100;
const buffer = 2;

/**
 * The rules of the two grids of the NeurIPS 2023 competition, with their errors on these models:
 *
 * - one threshold, for the side with the larger median (the unlearned one on a tie): ceil(100 range) points from the smallest to the
 *   largest phi of both sides;
 * - two thresholds around the narrower side (the unlearned one on a tie), of width w: upper limits from max - 2 to max + 2, and for
 *   each of them 400 lower limits from upper - w - 2 to upper - w + 2.
 *
 * Limits are made in float64, in the order of operations of the competition's code: rounding decides whether there are 400 or 401
 * upper limits, and with them the epsilon of some samples.
 *
 * @param unlearned phi of one sample under the unlearned models, increasing.
 * @param retrained phi under the retrained models, increasing.
 */
export function* decisionRules(unlearned: Float64Array, retrained: Float64Array): Generator<DecisionRule & RuleErrors> {
  yield* doubleThresholds(unlearned, retrained);
  yield* singleThresholds(unlearned, retrained);
}

function* singleThresholds(unlearned: Float64Array, retrained: Float64Array): Generator<DecisionRule & RuleErrors> {
  const inside: Side = (median(retrained) as number) > (median(unlearned) as number) ? "retrained" : "unlearned";
  const [own, other] = inside === "retrained" ? [retrained, unlearned] : [unlearned, retrained];
  const smallest = Math.min(unlearned[0], retrained[0]);
  const largest = Math.max(unlearned[unlearned.length - 1], retrained[retrained.length - 1]);
  const grid = linearSpace(smallest, largest, Math.ceil((largest - smallest) * thresholdsPerUnit));
  yield* rulesFrom(grid, { inside, upper: Infinity, own, other, ownReach: own.length, otherReach: other.length });
}

function* doubleThresholds(unlearned: Float64Array, retrained: Float64Array): Generator<DecisionRule & RuleErrors> {
  const inside: Side = spread(unlearned) <= spread(retrained) ? "unlearned" : "retrained";
  const [own, other] = inside === "retrained" ? [retrained, unlearned] : [unlearned, retrained];
  const width = spread(own);
  const first = own[0] + width - buffer;
  const last = own[own.length - 1] + buffer;
  let ownReach = 0;
  let otherReach = 0;
  for (const upper of linearSpace(first, last, Math.ceil((last - first) * thresholdsPerUnit))) {
    while (ownReach < own.length && own[ownReach] <= upper) ownReach++;
    while (otherReach < other.length && other[otherReach] <= upper) otherReach++;
    const grid = linearSpace(upper - width - buffer, upper - width + buffer, 2 * buffer * thresholdsPerUnit);
    yield* rulesFrom(grid, { inside, upper, own, other, ownReach, otherReach });
  }
}

interface RulesOfOneUpperLimit {
  readonly inside: Side;
  readonly upper: number;
  readonly own: Float64Array;
  readonly other: Float64Array;
  /** How many of the own side's values are not above the upper limit. */
  readonly ownReach: number;
  readonly otherReach: number;
}

/** Of neighbouring rules that make the same errors, the first: a sample has some 160,000 rules. */
function* rulesFrom(
  grid: Float64Array,
  { inside, upper, own, other, ownReach, otherReach }: RulesOfOneUpperLimit,
): Generator<DecisionRule & RuleErrors> {
  let ownBelow = 0;
  let otherBelow = 0;
  let previous = -1;
  for (const lower of grid) {
    while (ownBelow < own.length && own[ownBelow] < lower) ownBelow++;
    while (otherBelow < other.length && other[otherBelow] < lower) otherBelow++;
    if (ownBelow + otherBelow === previous) continue;
    previous = ownBelow + otherBelow;
    const falsePositives = Math.max(0, otherReach - otherBelow);
    yield { inside, lower, upper, falsePositives, falseNegatives: own.length - Math.max(0, ownReach - ownBelow) };
  }
}

/** Largest minus smallest of increasing values. */
export function spread(increasing: Float64Array): number {
  return increasing[increasing.length - 1] - increasing[0];
}

/** The errors of a rule on other models than those it was made from. */
export function errorsOf({ inside, lower, upper }: DecisionRule, unlearned: Float64Array, retrained: Float64Array): RuleErrors {
  const within = (values: Float64Array) => values.reduce((count, phi) => count + (lower <= phi && phi <= upper ? 1 : 0), 0);
  const [own, other] = inside === "retrained" ? [retrained, unlearned] : [unlearned, retrained];
  return { falsePositives: within(other), falseNegatives: own.length - within(own) };
}

/** `count` points, both ends included; the last one is `last` exactly. */
function linearSpace(first: number, last: number, count: number): Float64Array {
  const step = (last - first) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => (i === 0 ? first : i === count - 1 ? last : i * step + first));
}
