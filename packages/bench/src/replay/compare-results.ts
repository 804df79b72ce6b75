import { LetheError } from "@lethe/core";
import type { RunResult } from "../results/run-result.ts";
import { compareNumbers } from "./compare-numbers.ts";
import { lockDifferences, type Decided, type LockDifference } from "./lock-differences.ts";
import { worstVerdict, type ComparedNumber, type ReplayVerdict } from "./verdict.ts";

/** Something of which there is no "nearly": the same, or not. */
export interface ComparedText {
  /** `original`, `unlearned`, `oracle 1`; `status`. */
  readonly of: string;
  /** Null where there is none. */
  readonly recorded: string | null;
  readonly replayed: string | null;
  readonly verdict: "equal" | "different";
}

/** A result beside the same result made again. Plain JSON. */
export interface Comparison {
  /** The worst of the numbers and of the status. Weights, times and the lock have no part in it. */
  readonly verdict: ReplayVerdict;
  readonly numbers: readonly ComparedNumber[];
  /** How the method ended; null for an audit, which has many runs. */
  readonly status: ComparedText | null;
  /** Hashes; none for an audit. */
  readonly weights: readonly ComparedText[];
  readonly differences: readonly LockDifference[];
  /** Sentences that a reader needs to judge the verdict. */
  readonly notes: readonly string[];
}

export interface CompareOptions {
  /** |recorded - replayed| / max(|recorded|, |replayed|) up to which a number is within tolerance. Default: each number's resolution. */
  readonly tolerance?: number | undefined;
}

/**
 * Compares two results number by number: every metric's value of the unlearned model, of doing nothing and of each oracle, the edges of the oracle band, and the
 * accuracy of each class. Hashes of weights and the method's status are compared too; times never are.
 *
 * A number is `equal` if it has the same bits, as it should on the same backend with the same versions. Elsewhere sums are rounded in another order, training
 * amplifies that, and the question is whether the difference could be seen at all. So the tolerance of a metric's numbers is the metric's own `resolution` on
 * record: what its finite samples can tell apart, at least one sample's worth (see `oracleBand`). A band edge gets the same and no more, although it moves further
 * than the values it is drawn from: a verdict hangs on it. The accuracy of a class has the resolution of a share of n / c samples, with n test samples and c
 * classes, as if all classes were equally large. `tolerance` replaces all of these by one relative bound; with 0 only equal numbers pass.
 *
 * That all numbers are within tolerance says that the result holds again to within what its samples can show, not that the models are the same.
 *
 * @throws LetheError `replay/bad-tolerance`.
 * @example
 * const comparison = compareResults(result, result);
 * comparison.verdict; // "equal"
 * comparison.differences; // []
 */
export function compareResults(recorded: RunResult, replayed: RunResult, { tolerance }: CompareOptions = {}): Comparison {
  expectTolerance(tolerance);
  const numbers = compareNumbers(recorded, replayed, tolerance);
  const status = text("status", recorded.outcome.status, replayed.outcome.status);
  const weights = compareWeights(recorded.weights, replayed.weights);
  const verdict = worstVerdict([status.verdict, ...numbers.map((number) => number.verdict)]);
  const notes = [...backendNote(recorded, replayed), ...weightsNote(weights, verdict), ...verdictNotes(recorded, replayed)];
  return { verdict, numbers, status, weights, differences: lockDifferences(decided(recorded), decided(replayed)), notes };
}

/** @throws LetheError `replay/bad-tolerance`. */
export function expectTolerance(tolerance: number | undefined): void {
  if (tolerance === undefined || (tolerance >= 0 && Number.isFinite(tolerance))) return;
  throw new LetheError("replay/bad-tolerance", `${tolerance} is no tolerance; give a relative difference, 0 or more, such as 1e-6.`, { tolerance });
}

function compareWeights(recorded: RunResult["weights"], replayed: RunResult["weights"]): readonly ComparedText[] {
  const oracles = Math.max(recorded.oracles.length, replayed.oracles.length);
  return [
    text("original", recorded.original, replayed.original),
    text("unlearned", recorded.unlearned, replayed.unlearned),
    ...Array.from({ length: oracles }, (_, index) => text(`oracle ${index + 1}`, recorded.oracles[index] ?? null, replayed.oracles[index] ?? null)),
  ];
}

function text(of: string, recorded: string | null, replayed: string | null): ComparedText {
  return { of, recorded, replayed, verdict: recorded === replayed ? "equal" : "different" };
}

function decided({ lock, evaluation }: RunResult): Decided {
  return { lock, metrics: evaluation.unlearned.metrics };
}

interface MadeOn {
  readonly lock: { readonly backend: string };
}

export function backendNote({ lock: { backend: before } }: MadeOn, { lock: { backend: now } }: MadeOn): readonly string[] {
  if (before === now) return [];
  return [
    `The result was made on the backend ${before} and replayed on ${now}, which rounds differently; equal numbers are to be expected on ${before} only.`,
  ];
}

function weightsNote(weights: readonly ComparedText[], verdict: ReplayVerdict): readonly string[] {
  const different = weights.filter((each) => each.verdict === "different").map(({ of }) => of);
  if (different.length === 0) return [];
  const all = different.length === weights.length ? "all models" : different.join(", ");
  const still = verdict === "different" ? "" : `, yet every number is ${verdict === "equal" ? "equal" : "equal or within tolerance"}`;
  return [`The weights differ in ${all}${still}.`];
}

/** A value near the edge of its band may cross it with a difference that nobody could see. */
function verdictNotes(recorded: RunResult, replayed: RunResult): readonly string[] {
  return recorded.evaluation.unlearned.metrics.flatMap(({ name, title, verdict }) => {
    const now = replayed.evaluation.unlearned.metrics.find((metric) => metric.name === name);
    return now === undefined || now.verdict === verdict ? [] : [`${title} was "${verdict}" and is now "${now.verdict}".`];
  });
}
