import { axisX, axisY, dot, gridY, line, ruleX } from "@observablehq/plot";
import type { Interval } from "@lethe/metrics";
import { colours, drawSvg } from "./svg.ts";

/** A score after one of several requests. */
export interface RequestPoint {
  readonly request: number;
  readonly value: number;
  readonly interval: Interval | null;
}

/** A score between 0 and 1 from request to request. */
export function requestsChart(
  description: string,
  lines: Readonly<Record<"original" | "unlearned" | "oracles", readonly RequestPoint[]>>,
  requests: number,
): string {
  const ranges = lines.unlearned.flatMap(({ request, interval }) => (interval === null ? [] : [{ request, ...interval }]));
  const at = { x: "request", y: "value" } as const;
  return drawSvg(description, {
    width: 300,
    height: 170,
    marginLeft: 36,
    marginRight: 14,
    marginTop: 10,
    marginBottom: 34,
    x: { domain: [0.8, requests + 0.2] },
    y: { domain: [0, 1] },
    marks: [
      gridY({ ticks: 5, stroke: colours.line, strokeOpacity: 1 }),
      line(lines.original, { ...at, stroke: colours.original, strokeWidth: 1.25, strokeDasharray: "3 2" }),
      line(lines.oracles, { ...at, stroke: colours.oracles, strokeWidth: 1.25 }),
      ruleX(ranges, { x: "request", y1: "lower", y2: "upper", stroke: colours.unlearned, strokeOpacity: 0.5 }),
      line(lines.unlearned, { ...at, stroke: colours.unlearned, strokeWidth: 1.75 }),
      dot(lines.unlearned, { ...at, fill: colours.unlearned, r: 3 }),
      axisX(
        Array.from({ length: requests }, (_, index) => index + 1),
        { tickFormat: String, label: "request", labelAnchor: "center", labelArrow: "none", labelOffset: 30, color: colours.muted, tickSize: 3 },
      ),
      axisY({ ticks: 5, label: null, color: colours.muted, tickSize: 0 }),
    ],
  });
}
