import type { Interval } from "@lethe/metrics";
import { axisX, axisY, dot, gridX, gridY, link, ruleX, ruleY, text } from "@observablehq/plot";
import { formatSeconds } from "../numbers.ts";
import { boxOfMark, placeLabels } from "./labels.ts";
import { colours, drawSvg } from "./svg.ts";

export interface CostPoint {
  readonly method: string;
  /** Of a request. */
  readonly seconds: number;
  /** With the preparation, where there is one. */
  readonly inFull: number | null;
  readonly distance: number;
  readonly interval: Interval | null;
}

interface CostChart {
  readonly description: string;
  readonly label: string;
  readonly points: readonly CostPoint[];
  readonly retraining: number | null;
  /** Up to which the oracles are from one another. */
  readonly floor: number | null;
  readonly doNothing: number | null;
}

interface Reference {
  readonly height: number;
  readonly name: string;
}

const frame = { width: 760, height: 300, left: 62, right: 24, top: 22, bottom: 44 };

export function costChart({ description, label, points, retraining, floor, doNothing }: CostChart): string {
  const times = [...points.flatMap(({ seconds, inFull }) => [seconds, inFull ?? seconds]), ...(retraining === null ? [] : [retraining])];
  const domain: [number, number] = [Math.min(...times) / 1.6, Math.max(...times) * 2.4];
  const heights = [...points.flatMap(({ distance, interval }) => [distance, interval?.upper ?? 0]), floor ?? 0, doNothing ?? 0];
  const highest = 1.08 * Math.max(...heights) || 1;
  const references = [
    ...(floor === null ? [] : [{ height: floor, name: "oracle band, upper edge" }]),
    ...(doNothing === null ? [] : [{ height: doNothing, name: "do nothing" }]),
  ];
  const labels = labelsOf(points, domain, highest, references);
  const axis = { color: colours.muted, tickSize: 3, labelArrow: "none" } as const;
  return drawSvg(description, {
    width: frame.width,
    height: frame.height,
    marginLeft: frame.left,
    marginRight: frame.right,
    marginTop: frame.top,
    marginBottom: frame.bottom,
    style: { fontSize: "12px" },
    x: { type: "log", domain },
    y: { domain: [0, highest] },
    marks: [
      gridX(timeTicks(domain), { stroke: colours.line, strokeOpacity: 1 }),
      gridY({ ticks: 5, stroke: colours.line, strokeOpacity: 1 }),
      ...references.flatMap((reference) => referenceMarks(reference, domain[0])),
      ...(retraining === null
        ? []
        : [
            ruleX([retraining], { stroke: colours.oracles, strokeWidth: 1.5 }),
            text([`retraining ${formatSeconds(retraining)}`], {
              x: retraining,
              y: highest,
              dy: -10,
              fill: colours.muted,
            }),
          ]),
      link(
        points.filter(({ inFull }) => inFull !== null),
        { x1: "seconds", x2: "inFull", y: "distance", stroke: colours.unlearned, strokeWidth: 1.25, strokeDasharray: "2 3" },
      ),
      dot(
        points.filter(({ inFull }) => inFull !== null),
        { x: "inFull", y: "distance", r: 4, stroke: colours.unlearned, strokeWidth: 1.25, fill: "var(--paper)" },
      ),
      link(
        points.filter(({ interval }) => interval !== null),
        {
          x: "seconds",
          y1: (point: CostPoint) => Math.max(0, point.interval?.lower ?? 0),
          y2: (point: CostPoint) => point.interval?.upper,
          stroke: colours.unlearned,
          strokeWidth: 1.25,
        },
      ),
      ...labels
        .filter(({ isMoved }) => isMoved)
        .map(({ point, x, y }) => link([0], { x1: point.seconds, y1: point.distance, x2: x, y2: y, stroke: colours.muted, strokeWidth: 0.75 })),
      ...labels.map(({ name, x, y, anchor }) =>
        text([name], { x, y, textAnchor: anchor, fill: colours.ink, fontWeight: 600, stroke: "var(--paper)", strokeWidth: 4, paintOrder: "stroke" }),
      ),
      // Over the names, which must not hide them.
      dot(points, { x: "seconds", y: "distance", r: 5, fill: colours.unlearned, stroke: "var(--paper)", strokeWidth: 1 }),
      axisX(timeTicks(domain), { ...axis, text: tickOfSeconds, label: "time of a request", labelAnchor: "center", labelOffset: 40 }),
      axisY({ ...axis, ticks: 5, label, labelAnchor: "center", labelOffset: 58 }),
    ],
  });
}

function referenceMarks({ height, name }: Reference, left: number) {
  return [
    ruleY([height], { stroke: colours.muted, strokeDasharray: "4 3" }),
    text([name], {
      x: left,
      y: height,
      dx: 4,
      dy: -7,
      textAnchor: "start",
      fill: colours.muted,
      stroke: "var(--paper)",
      strokeWidth: 4,
      paintOrder: "stroke",
    }),
  ];
}

/** In the units of the axes, for Plot to put back. */
function labelsOf(points: readonly CostPoint[], [from, to]: readonly [number, number], highest: number, references: readonly Reference[]) {
  const width = frame.width - frame.left - frame.right;
  const height = frame.height - frame.top - frame.bottom;
  const ratio = Math.log(to / from);
  const across = (seconds: number) => (Math.log(seconds / from) / ratio) * width;
  const down = (distance: number) => (1 - distance / highest) * height;
  const marks = points.map(({ method, seconds, distance }) => ({ name: method, x: across(seconds), y: down(distance) }));
  const obstacles = [
    ...points.flatMap(({ inFull, distance }) => (inFull === null ? [] : [boxOfMark({ x: across(inFull), y: down(distance) })])),
    ...references.map((reference) => ({
      left: 0,
      right: 8 + 7 * reference.name.length,
      top: down(reference.height) - 15,
      bottom: down(reference.height),
    })),
  ];
  return placeLabels(marks, { width, height }, obstacles).map(({ name, label }, index) => ({
    point: points[index],
    name,
    anchor: label.anchor,
    x: from * Math.exp((label.x / width) * ratio),
    y: (1 - label.y / height) * highest,
    isMoved: Math.abs(label.y - marks[index].y) > 1,
  }));
}

/** Round times need no decimals. */
function tickOfSeconds(seconds: number): string {
  return formatSeconds(seconds).replace(".0\u00A0", "\u00A0");
}

/** Powers of ten, with 2 and 5 between them where they are few. */
function timeTicks([from, to]: readonly [number, number]): number[] {
  const decades = Math.log10(to / from);
  const factors = decades < 2 ? [1, 2, 5] : decades < 3.5 ? [1, 3] : [1];
  const first = Math.floor(Math.log10(from));
  const powers = Array.from({ length: Math.ceil(decades) + 2 }, (_, index) => 10 ** (first + index));
  return powers.flatMap((power) => factors.map((factor) => Number((factor * power).toPrecision(3)))).filter((tick) => tick >= from && tick <= to);
}
