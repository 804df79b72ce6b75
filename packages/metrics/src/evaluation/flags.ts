import type { MetricResult } from "./report.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** What a reader must not overlook. `code` is stable, `sentence` is for people, `metrics` names the results behind it. */
export interface Flag {
  readonly code: FlagCode;
  readonly sentence: string;
  readonly metrics: readonly string[];
}

export type FlagCode =
  /** Half or more of what the reference knows beyond guessing is gone (see `utilityLost`), as for constant output. */
  | "utility-lost"
  /** A utility value is below the oracle band. */
  | "utility-reduced"
  | "under-forgotten"
  | "over-forgotten"
  /** Over-forgotten, and so much that the forget set stands out. */
  | "streisand"
  | "different-from-retrained"
  | "needs-more-oracles"
  /** Two oracles give the same outputs: the seed was not varied, and the band is too narrow. */
  | "identical-oracles"
  /** Doing nothing is inside every forgetting band: this forget set cannot show whether a method works. */
  | "forget-set-not-discriminating";

/** Flags that follow from the verdicts of one model. */
export function verdictFlags(results: readonly MetricResult[]): Flag[] {
  const flags: Flag[] = [];
  const having = (verdict: Verdict) => results.filter((result) => result.verdict === verdict);
  const add = (code: FlagCode, sentence: string, behind: readonly MetricResult[]) => {
    if (behind.length > 0) flags.push({ code, sentence: `${sentence}: ${behind.map(place).join("; ")}.`, metrics: behind.map(({ name }) => name) });
  };
  add("utility-reduced", "Less useful than a retrained model", having("worse than oracle band"));
  add("under-forgotten", "The forget set is still remembered", having("under-forgotten"));
  add("over-forgotten", "The forget set is treated worse than data never seen", having("over-forgotten"));
  const over = having("over-forgotten");
  const standsOut = having("stands out");
  if (over.length > 0) add("streisand", "Over-forgetting makes the forget set stand out", standsOut);
  add("different-from-retrained", "Farther from the retrained models than they are from one another", having("different from retrained"));
  return flags;
}

/** Flags about the evaluation itself, from the row of the original model. */
export function evaluationFlags(doNothing: readonly MetricResult[], oracleCount: number, identicalOracles: boolean): Flag[] {
  const flags: Flag[] = [];
  if (oracleCount < 3) {
    const sentence =
      oracleCount < 2
        ? `${oracleCount} retrained models show no spread, so no verdict is possible; use two or more, three for distances.`
        : "Two retrained models show a spread but only one distance; use three or more for verdicts on distances.";
    flags.push({ code: "needs-more-oracles", sentence, metrics: [] });
  }
  if (identicalOracles) {
    flags.push({
      code: "identical-oracles",
      sentence: "Two retrained models give identical outputs; train each with a seed of its own.",
      metrics: [],
    });
  }
  const forgetting = doNothing.filter(({ direction, verdict }) => {
    return direction === "match oracles" && verdict !== "needs more oracles" && verdict !== "not defined";
  });
  if (forgetting.length > 0 && forgetting.every(({ verdict }) => verdict === "within oracle band")) {
    const sentence = "The original model is already inside every forgetting band, so this forget set cannot tell a method from doing nothing.";
    flags.push({ code: "forget-set-not-discriminating", sentence, metrics: forgetting.map(({ name }) => name) });
  }
  return flags;
}

function place({ title, value, band }: MetricResult): string {
  const number = (x: number | undefined | null) => (x === undefined || x === null ? "?" : Number(x.toPrecision(3)).toString());
  return `${title} ${number(value)} (oracle band ${number(band?.lower)} to ${number(band?.upper)})`;
}
