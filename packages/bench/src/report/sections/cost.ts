import type { MetricSummary, RowSummary } from "../../summary/summary.ts";
import { costChart, type CostPoint } from "../charts/cost.ts";
import { metricOf } from "../columns.ts";
import type { Figure } from "../document.ts";
import { decimal, formatSeconds } from "../numbers.ts";
import type { Scene } from "../scene.ts";

/** Distances to the oracles, the first that was measured. `far`: makes 0 of the best value. */
const distances = [
  { metric: "js-divergence-forget", label: "Jensen-Shannon divergence, forget set, nats", far: (value: number) => value },
  { metric: "tug-of-war", label: "1 − Tug-of-War", far: (value: number) => 1 - value },
] as const;

/** What a method costs and what one gets for it. */
export function costFigure({ summary }: Scene): Figure | null {
  const [doNothing] = summary.rows;
  const distance = distances.find(({ metric }) => metricOf(doNothing, metric)?.mean != null);
  if (distance === undefined) return null;
  const { metric, label, far } = distance;
  const pointOf = (row: RowSummary): readonly CostPoint[] => {
    const own = metricOf(row, metric);
    const { request, preparation } = row.seconds;
    if (row.role !== "method" || request === null || request === 0 || own === undefined || own.mean === null) return [];
    return [
      {
        method: row.method,
        seconds: request,
        inFull: preparation === null ? null : request + preparation,
        distance: far(own.mean),
        interval: farInterval(own, far),
      },
    ];
  };
  const points = summary.rows.flatMap(pointOf);
  if (points.length === 0) return null;
  const before = metricOf(doNothing, metric)!;
  const band = before.band === null ? null : farInterval({ interval: before.band }, far);
  const described = points.map(({ method, seconds, distance }) => `${method} ${formatSeconds(seconds)}, distance ${decimal(distance, 3)}`).join("; ");
  const description = `Time of a request against distance to the oracles. ${described}. Retraining: ${formatSeconds(summary.oracleSeconds)}.`;
  return {
    kind: "figure",
    title: "Cost and distance to retraining",
    caption:
      "Time of one request, on a logarithmic scale, against the distance to the oracles; left and low is good. Means over seeds, upright lines are 95% intervals. A hollow mark counts the preparation in full.",
    keys: [
      { label: "per request", shape: "dot", colour: "unlearned" },
      ...(points.some(({ inFull }) => inFull !== null) ? [{ label: "with preparation", shape: "ring" as const, colour: "unlearned" as const }] : []),
    ],
    columns: 1,
    panels: [
      {
        title: "",
        description,
        draw: () =>
          costChart({
            description,
            label,
            points,
            retraining: summary.oracleSeconds,
            floor: band === null ? null : Math.max(0, band.upper),
            doNothing: before.mean === null ? null : far(before.mean),
          }),
      },
    ],
  };
}

function farInterval({ interval }: Pick<MetricSummary, "interval">, far: (value: number) => number): CostPoint["interval"] {
  if (interval === null) return null;
  const [a, b] = [far(interval.lower), far(interval.upper)];
  return { lower: Math.min(a, b), upper: Math.max(a, b) };
}
