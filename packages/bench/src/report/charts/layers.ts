import type { LayerChange } from "../../results/run-result.ts";
import { axisX, axisY, barX, ruleX } from "@observablehq/plot";
import { colours, cut, drawSvg, labelRoom } from "./svg.ts";

/** One bar per layer, in the model's order. */
export function layersChart(description: string, layers: readonly LayerChange[], largest: number): string {
  const names = layers.map(({ layer }) => cut(layer, 18));
  const positions = [...layers.keys()];
  return drawSvg(description, {
    width: 300,
    height: 44 + 16 * layers.length,
    marginLeft: labelRoom(names),
    marginRight: 14,
    marginTop: 4,
    marginBottom: 36,
    x: { domain: [0, largest], nice: true },
    y: { type: "band", domain: positions, padding: 0.35 },
    marks: [
      barX(layers, { x: "unlearned", y: positions, fill: colours.unlearned, fillOpacity: 0.85, rx2: 2 }),
      ruleX([0], { stroke: colours.muted }),
      axisX({ ticks: 3, label: "relative change", labelAnchor: "center", labelArrow: "none", labelOffset: 32, color: colours.muted, tickSize: 3 }),
      axisY(positions, { tickFormat: (position: number) => names[position], label: null, tickSize: 0, color: colours.ink }),
    ],
  });
}
