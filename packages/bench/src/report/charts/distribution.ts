import { areaY, axisX, axisY, gridY, lineY, ruleY } from "@observablehq/plot";
import type { ByModel, Histogram } from "../../results/run-result.ts";
import { colours, drawSvg } from "./svg.ts";

interface DistributionChart {
  readonly description: string;
  readonly histograms: ByModel<Histogram>;
  readonly label: string;
  readonly ticks: readonly number[];
  tickFormat(value: number): string;
}

/** Outlines of three histograms over one another: oracles as an area, the original in dashes, the unlearned model as a line. */
export function distributionChart({ description, histograms, label, ticks, tickFormat }: DistributionChart): string {
  const { original, unlearned, oracles } = histograms;
  const highest = Math.max(0.01, ...[original, unlearned, oracles].flatMap(({ shares }) => shares));
  const { edges } = unlearned;
  return drawSvg(description, {
    width: 300,
    height: 128,
    marginLeft: 34,
    marginRight: 8,
    marginTop: 10,
    marginBottom: 32,
    x: { domain: [edges[0], edges.at(-1)!] },
    y: { domain: [0, highest] },
    marks: [
      gridY([highest], { stroke: colours.line, strokeOpacity: 1 }),
      areaY(outline(oracles), { x: "0", y: "1", fill: colours.oracles, fillOpacity: 0.3, curve: "step-after" }),
      lineY(outline(oracles), { x: "0", y: "1", stroke: colours.oracles, strokeWidth: 0.75, curve: "step-after" }),
      lineY(outline(original), { x: "0", y: "1", stroke: colours.original, strokeWidth: 1.25, strokeDasharray: "3 2", curve: "step-after" }),
      lineY(outline(unlearned), { x: "0", y: "1", stroke: colours.unlearned, strokeWidth: 1.75, curve: "step-after" }),
      ruleY([0], { stroke: colours.muted }),
      axisX([...ticks], { tickFormat, label, labelAnchor: "center", labelArrow: "none", labelOffset: 28, color: colours.muted, tickSize: 3 }),
      axisY([highest], {
        tickFormat: (share: number) => `${Math.round(100 * share)}%`,
        label: null,
        color: colours.muted,
        tickSize: 0,
        tickPadding: 4,
      }),
    ],
  });
}

/** From the ground over each bin and back. */
function outline({ edges, shares }: Histogram): (readonly [number, number])[] {
  return [[edges[0], 0], ...shares.map((share, bin) => [edges[bin], share] as const), [edges.at(-1)!, shares.at(-1) ?? 0], [edges.at(-1)!, 0]];
}

/** Centre of the bin that holds the middle sample; null for an empty set. */
export function medianOf({ edges, shares }: Histogram): number | null {
  let sum = 0;
  for (const [bin, share] of shares.entries()) {
    sum += share;
    if (sum >= 0.5) return (edges[bin] + edges[bin + 1]) / 2;
  }
  return null;
}
