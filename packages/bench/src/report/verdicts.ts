import type { Verdict } from "@lethe/metrics";
import type { MetricSummary } from "../summary/summary.ts";
import type { Mark } from "./document.ts";

/** In the order in which a legend lists them. The first decides nothing; a tie between seeds goes to the later one, so that a doubt is shown. */
export const marks: Readonly<Record<Verdict, Mark>> = {
  "not defined": { glyph: "–", label: "not defined", tone: "unknown" },
  "needs more oracles": { glyph: "?", label: "needs more oracles", tone: "unknown" },
  "within oracle band": { glyph: "●", label: "within oracle band", tone: "good" },
  "better than oracle band": { glyph: "△", label: "more useful than retrained", tone: "different" },
  "different from retrained": { glyph: "≠", label: "different from retrained", tone: "different" },
  "stands out": { glyph: "◆", label: "stands out", tone: "under" },
  "worse than oracle band": { glyph: "✕", label: "less useful than retrained", tone: "worse" },
  "over-forgotten": { glyph: "▼", label: "over-forgotten", tone: "over" },
  "under-forgotten": { glyph: "▲", label: "under-forgotten", tone: "under" },
};

const order = Object.keys(marks) as readonly Verdict[];

interface Majority {
  readonly verdict: Verdict;
  /** That agree. */
  readonly seeds: number;
  readonly of: number;
}

/** Within the band, and more: see {@link isShownEqual}. */
export const shownEqual: Mark = { glyph: "◉", label: "within oracle band, equivalence shown", tone: "good" };

/** Whether most seeds are within the band, and the seeds together *show* that the difference is small. */
export function isShownEqual(metric: Pick<MetricSummary, "verdicts" | "equivalence">): boolean {
  return metric.equivalence?.equivalent === true && majority(metric)?.verdict === "within oracle band";
}

/** What most seeds say; null where no seed says anything. */
export function majority({ verdicts }: Pick<MetricSummary, "verdicts">): Majority | null {
  if (verdicts.length === 0) return null;
  const most = Math.max(...verdicts.map(({ seeds }) => seeds));
  const leading = verdicts.filter(({ seeds }) => seeds === most).map(({ verdict }) => verdict);
  const verdict = leading.toSorted((a, b) => order.indexOf(b) - order.indexOf(a))[0];
  return { verdict, seeds: most, of: verdicts.reduce((sum, { seeds }) => sum + seeds, 0) };
}
