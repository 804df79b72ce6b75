import type { Verdict } from "@lethe/metrics";
import type { RowSummary } from "../summary/summary.ts";
import { metricOf, type MetricColumn } from "./columns.ts";
import type { Mark } from "./document.ts";
import { listed, plural } from "./words.ts";
import { isShownEqual, majority, marks } from "./verdicts.ts";

/** What the table says about one row, in one word and one sentence. */
interface Outcome {
  readonly mark: Mark;
  /** Begins after the method's name, ends before the full stop. */
  readonly predicate: string;
}

/** What is wrong, the gravest first. */
const clauses: readonly { readonly verdict: Verdict; readonly words: string }[] = [
  { verdict: "under-forgotten", words: "still remembers what was to be forgotten" },
  { verdict: "over-forgotten", words: "treats what was forgotten worse than data never seen" },
  { verdict: "worse than oracle band", words: "is less useful than a retrained model" },
  { verdict: "stands out", words: "lets the forget set stand out" },
  { verdict: "different from retrained", words: "answers differently from retrained models" },
  { verdict: "better than oracle band", words: "is more accurate than a retrained model" },
];

const failed: Mark = { glyph: "!", label: "failed", tone: "worse" };
const noVerdict: Mark = { glyph: "?", label: "no verdict", tone: "unknown" };
const utilityLost: Mark = { glyph: "✕", label: "utility lost", tone: "worse" };
const likeRetrained: Mark = { glyph: "●", label: "like retrained", tone: "good" };

export function outcomeOf(row: RowSummary, columns: readonly MetricColumn[]): Outcome {
  if (row.seeds.length === 0) return { mark: failed, predicate: `came to no result: ${plural(row.failures.length, "run")} failed` };
  const judged = columns.flatMap((column) => {
    const metric = metricOf(row, column.metric);
    const most = metric && majority(metric);
    return metric && most ? [{ noun: column.noun, metric, ...most }] : [];
  });
  const telling = judged.filter(({ verdict }) => verdict !== "needs more oracles" && verdict !== "not defined");
  const findings = clauses.flatMap(({ verdict, words }) => {
    const behind = telling.filter((each) => each.verdict === verdict);
    return behind.length === 0 ? [] : [{ verdict, words: `${words} (${listed(behind.map(placeOf))})` }];
  });
  if (losesUtility(row)) {
    const others = findings.filter(({ verdict }) => verdict !== "worse than oracle band");
    return { mark: utilityLost, predicate: listed(["has lost its use", ...others.map(({ words }) => words)]) };
  }
  if (findings.length > 0) {
    return { mark: marks[findings[0].verdict], predicate: listed(findings.map(({ words }) => words)) };
  }
  if (telling.length === 0) return { mark: noVerdict, predicate: "cannot be judged: there is no oracle band" };
  const shown = telling.filter(({ metric }) => isShownEqual(metric)).length;
  const numbers = telling.length === 1 ? "the one number" : `all ${telling.length} numbers`;
  return {
    mark: likeRetrained,
    predicate: `is like a retrained model in ${numbers} of the table; equivalence is shown for ${shown === 0 ? "none" : shown === telling.length ? "all" : shown} of them`,
  };
}

function placeOf({ noun, seeds, of }: { readonly noun: string; readonly seeds: number; readonly of: number }): string {
  return seeds === of ? noun : `${noun} in ${seeds} of ${of} seeds`;
}

function losesUtility({ flags, seeds }: RowSummary): boolean {
  return flags.some(({ flag, seeds: having }) => flag.code === "utility-lost" && 2 * having.length >= seeds.length);
}
