import { axisX, axisY, dot, gridX, link, ruleY } from "@observablehq/plot";
import { colours, cut, drawSvg, labelRoom } from "./svg.ts";

export interface ClassRow {
  readonly label: string;
  readonly original: number | null;
  readonly unlearned: number | null;
  readonly oracles: { readonly lowest: number; readonly highest: number } | null;
}

const rowHeight = 17;

/** One line per class: oracles as a bar from the lowest to the highest, the original as a ring, the unlearned model as a dot. */
export function classesChart(description: string, rows: readonly ClassRow[]): string {
  const names = rows.map(({ label }) => cut(label, 16));
  const positions = [...rows.keys()];
  const known = positions.filter((position) => rows[position].oracles !== null);
  return drawSvg(description, {
    width: 300,
    height: 40 + rowHeight * rows.length,
    marginLeft: labelRoom(names),
    marginRight: 14,
    marginTop: 4,
    marginBottom: 36,
    x: { domain: [0, 1] },
    y: { type: "point", domain: positions, padding: 0.6 },
    marks: [
      gridX([0, 0.25, 0.5, 0.75, 1], { stroke: colours.line, strokeOpacity: 1 }),
      ruleY(positions, { stroke: colours.line }),
      link(known, {
        x1: (position: number) => rows[position].oracles?.lowest,
        x2: (position: number) => rows[position].oracles?.highest,
        y: (position: number) => position,
        stroke: colours.oracles,
        strokeOpacity: 0.45,
        strokeWidth: 9,
        strokeLinecap: "round",
      }),
      dot(rows, { x: "original", y: positions, r: 3.6, stroke: colours.original, strokeWidth: 1.6 }),
      dot(rows, { x: "unlearned", y: positions, r: 2.6, fill: colours.unlearned }),
      axisX([0, 0.25, 0.5, 0.75, 1], {
        tickFormat: (share: number) => `${100 * share}%`,
        label: "test accuracy",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 32,
        color: colours.muted,
        tickSize: 3,
      }),
      axisY(positions, { tickFormat: (position: number) => names[position], label: null, tickSize: 0, tickPadding: 10, color: colours.ink }),
    ],
  });
}
