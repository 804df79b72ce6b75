import { axisX, axisY, line, ruleX, ruleY } from "@observablehq/plot";
import type { CurvePoints } from "../../results/run-result.ts";
import { colours, drawSvg, powerOfTen } from "./svg.ts";

export interface RocLine {
  readonly curve: CurvePoints;
  readonly who: "original" | "unlearned" | "oracles";
}

/** The smallest rates that the samples can show: where logarithmic axes begin. */
interface Resolution {
  readonly fpr: number;
  readonly tpr: number;
}

/** The smallest positive rates of all curves, which is one sample of each side unless scores are tied; below 1, or there would be no axis. */
export function resolutionOf(curves: readonly CurvePoints[]): Resolution {
  const smallest = (rates: readonly number[]) => rates.filter((rate) => rate > 0).reduce((least, rate) => Math.min(least, rate), 1);
  return {
    fpr: Math.min(0.5, smallest(curves.flatMap(({ fpr }) => fpr))),
    tpr: Math.min(0.5, smallest(curves.flatMap(({ tpr }) => tpr))),
  };
}

const styles = {
  original: { stroke: colours.original, strokeWidth: 1.25, strokeDasharray: "3 2" },
  unlearned: { stroke: colours.unlearned, strokeWidth: 1.75 },
  oracles: { stroke: colours.oracles, strokeWidth: 1 },
} as const;

export function rocChart(description: string, lines: readonly RocLine[], resolution: Resolution): string {
  const begin = Math.max(resolution.fpr, resolution.tpr);
  const axis = { color: colours.muted, tickSize: 3, labelAnchor: "center", labelArrow: "none" } as const;
  return drawSvg(description, {
    width: 300,
    height: 240,
    marginLeft: 46,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 38,
    x: { type: "log", domain: [resolution.fpr, 1] },
    y: { type: "log", domain: [resolution.tpr, 1] },
    marks: [
      ruleX(ticksFrom(resolution.fpr), { stroke: colours.line }),
      ruleY(ticksFrom(resolution.tpr), { stroke: colours.line }),
      line(
        [
          [begin, begin],
          [1, 1],
        ],
        { stroke: colours.muted, strokeDasharray: "1 3", strokeLinecap: "round" },
      ),
      ...lines.map(({ curve, who }) => line(visible(curve, resolution), { ...styles[who], curve: "step-after" })),
      axisX(ticksFrom(resolution.fpr), { ...axis, text: rate, label: "false-positive rate", labelOffset: 34 }),
      axisY(ticksFrom(resolution.tpr), { ...axis, text: rate, label: "true-positive rate", labelOffset: 42 }),
    ],
  });
}

/** A staircase from the left edge on: what is reached there by rates below one sample, then every step. */
function visible({ fpr, tpr }: CurvePoints, { fpr: left, tpr: bottom }: Resolution): (readonly [number, number])[] {
  const reached = tpr.filter((_, index) => fpr[index] <= left).reduce((most, value) => Math.max(most, value), 0);
  const later = fpr.flatMap((x, index) => (x > left && tpr[index] > 0 ? [[x, tpr[index]] as const] : []));
  if (reached > 0) return [[left, reached], ...later];
  return later.length === 0 ? [] : [[later[0][0], bottom], ...later];
}

/** Powers of ten, a half where there is only one, and the edge itself where it is far enough from the nearest. */
function ticksFrom(edge: number): number[] {
  const powers = Array.from({ length: Math.floor(-Math.log10(edge) + 1e-9) + 1 }, (_, exponent) => 10 ** -exponent);
  const ticks = powers.length === 1 ? [1, 0.5] : powers;
  return edge < 0.55 * ticks.at(-1)! ? [...ticks, edge] : ticks;
}

/** Given to Plot as text: as a tick format it would be left out between powers of ten. */
function rate(value: number): string {
  const exponent = Math.log10(value);
  if (Math.abs(exponent - Math.round(exponent)) > 1e-9) return value === 0.5 ? "0.5" : `1/${Math.round(1 / value)}`;
  return exponent > -3 ? String(Number(value.toPrecision(1))) : powerOfTen(Math.round(exponent));
}
