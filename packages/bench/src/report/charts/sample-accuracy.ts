import { axisX, axisY, gridY, rectY, ruleX, ruleY } from "@observablehq/plot";
import { colours, drawSvg } from "./svg.ts";

/** How many samples were found with which accuracy: bins of equal width over [0, 1]. */
export function sampleAccuracyChart(description: string, counts: readonly number[], highest: number): string {
  const bins = counts.map((count, bin) => ({ count, x1: bin / counts.length, x2: (bin + 1) / counts.length }));
  return drawSvg(description, {
    width: 300,
    height: 140,
    marginLeft: 38,
    marginRight: 12,
    marginTop: 10,
    marginBottom: 34,
    x: { domain: [0, 1] },
    y: { domain: [0, highest] },
    marks: [
      gridY({ ticks: 3, stroke: colours.line, strokeOpacity: 1 }),
      rectY(bins, { x1: "x1", x2: "x2", y: "count", fill: colours.unlearned, fillOpacity: 0.85, inset: 0.5 }),
      ruleX([0.5], { stroke: colours.ink, strokeDasharray: "3 2" }),
      ruleY([0], { stroke: colours.muted }),
      axisX([0, 0.25, 0.5, 0.75, 1], {
        tickFormat: String,
        label: "accuracy of the attack on one sample",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 30,
        color: colours.muted,
        tickSize: 3,
      }),
      axisY({
        ticks: 3,
        tickFormat: (count: number) => (Number.isInteger(count) ? String(count) : ""),
        label: null,
        color: colours.muted,
        tickSize: 0,
      }),
    ],
  });
}
