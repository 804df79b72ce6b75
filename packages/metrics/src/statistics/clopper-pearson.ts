import { LetheError } from "@lethe/core";
import { betaQuantile } from "./incomplete-beta.ts";
import type { Interval } from "./intervals.ts";

export interface ClopperPearsonInput {
  readonly successes: number;
  readonly trials: number;
  /** In (0, 1), for instance 0.95. */
  readonly confidence: number;
  /** Which bounds hold together with that confidence; the other one of a one-sided interval is 0 or 1. Default both. */
  readonly bounds?: "both" | "lower" | "upper";
}

/**
 * Clopper-Pearson interval for the probability behind k successes in n independent trials.
 *
 * lower = Beta^-1(t; k, n - k + 1) and upper = Beta^-1(1 - t; k + 1, n - k), where t = 1 - confidence, halved when both bounds are wanted;
 * 0 for k = 0 and 1 for k = n. Exact: covers the truth at least as often as it says for every n, hence wide for small n.
 *
 * Clopper, Pearson 1934, Biometrika 26.
 *
 * @throws LetheError `metrics/bad-argument` unless 0 <= k <= n are whole numbers, n >= 1 and 0 < confidence < 1.
 * @example
 * clopperPearson({ successes: 0, trials: 64, confidence: 0.975, bounds: "upper" }); // { lower: 0, upper: 0.056009 }
 */
export function clopperPearson({ successes, trials, confidence, bounds = "both" }: ClopperPearsonInput): Interval {
  const counts = Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && trials >= 1 && successes <= trials;
  if (!counts || !(confidence > 0 && confidence < 1)) {
    throw new LetheError("metrics/bad-argument", `No interval for ${successes} successes in ${trials} trials at confidence ${confidence}.`, {
      successes,
      trials,
      confidence,
    });
  }
  const tail = bounds === "both" ? (1 - confidence) / 2 : 1 - confidence;
  return {
    lower: bounds === "upper" || successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    upper: bounds === "lower" || successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes),
  };
}
