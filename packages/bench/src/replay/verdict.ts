/** How a number that was made again stands to the one on record. */
export type ReplayVerdict = "equal" | "within tolerance" | "different";

const order: readonly ReplayVerdict[] = ["equal", "within tolerance", "different"];

/** A number beside the same number made again; null where it does not exist, or is none that JSON can hold. */
export interface ComparedNumber {
  /** Name of a metric, or `class-accuracy 3`. */
  readonly quantity: string;
  /** Which of its values: `unlearned`, `do nothing`, `original`, `oracle 2`, `band lower`, `band upper`. */
  readonly of: string;
  readonly recorded: number | null;
  readonly replayed: number | null;
  /** The largest distance that counts as within tolerance, in the unit of the number. */
  readonly tolerance: number;
  readonly verdict: ReplayVerdict;
}

/**
 * `equal`: the same bits, as far as JSON keeps them. `within tolerance`: at most `tolerance` apart. A number that exists on one side alone is `different`.
 *
 * @param tolerance in the unit of the numbers, 0 or more.
 * @example
 * replayVerdict(0.25, 0.25, 0); // "equal"
 * replayVerdict(0.25, 0.255, 0.01); // "within tolerance"
 * replayVerdict(0.25, null, 1); // "different"
 */
export function replayVerdict(recorded: number | null, replayed: number | null, tolerance: number): ReplayVerdict {
  const [a, b] = [inJson(recorded), inJson(replayed)];
  if (a === b) return "equal";
  if (a === null || b === null) return "different";
  // (k + 1) / n - k / n is not exactly 1 / n; a share that is off by one sample must not depend on k.
  return Math.abs(a - b) <= tolerance * (1 + 1e-9) ? "within tolerance" : "different";
}

/** `equal` for none. */
export function worstVerdict(verdicts: readonly ReplayVerdict[]): ReplayVerdict {
  return order[Math.max(0, ...verdicts.map((verdict) => order.indexOf(verdict)))];
}

/** JSON writes -0 as 0, and null for what is not finite. */
function inJson(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value) ? null : value;
}
