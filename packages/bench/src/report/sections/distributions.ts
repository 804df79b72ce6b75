import type { SetName } from "@lethe/metrics";
import type { ByModel, RunResult, SetHistograms } from "../../results/run-result.ts";
import { distributionChart, medianOf } from "../charts/distribution.ts";
import { powerOfTen } from "../charts/svg.ts";
import type { Figure, Key, Panel } from "../document.ts";
import { decimal } from "../numbers.ts";
import { shownSeeds, type Scene } from "../scene.ts";

const sets: readonly SetName[] = ["forget", "retain", "test"];

const modelKeys: readonly Key[] = [
  { label: "unlearned", shape: "line", colour: "unlearned" },
  { label: "original", shape: "dashes", colour: "original" },
  { label: "oracles, all together", shape: "area", colour: "oracles" },
];

interface Quantity {
  readonly label: string;
  readonly ticks: readonly number[];
  tickFormat(value: number): string;
  histograms(run: RunResult): ByModel<SetHistograms>;
}

const loss: Quantity = {
  label: "cross-entropy loss, nats",
  ticks: [-6, -4, -2, 0, 2],
  tickFormat: (exponent) => (exponent === -6 ? `≤ ${powerOfTen(exponent)}` : exponent === 0 ? "1" : powerOfTen(exponent)),
  histograms: ({ details }) => details.logLoss,
};

const confidence: Quantity = {
  label: "probability of the true label",
  ticks: [0, 0.25, 0.5, 0.75, 1],
  tickFormat: (share) => String(share),
  histograms: ({ details }) => details.confidence,
};

export function lossFigure(scene: Scene): Figure | null {
  return figure(scene, "Loss of single samples", "Share of samples by loss, on a logarithmic scale.", loss);
}

export function confidenceFigure(scene: Scene): Figure | null {
  return figure(scene, "Confidence in single samples", "Share of samples by the probability that the model gives to the true label.", confidence);
}

function figure(scene: Scene, title: string, what: string, quantity: Quantity): Figure | null {
  if (scene.shown.length === 0) return null;
  const caption = `${what} Well forgotten, the line follows the area on the forget set and on the others. Each panel is scaled to its highest bin. ${shownSeeds(scene)}`;
  return {
    kind: "figure",
    title,
    caption,
    keys: modelKeys,
    columns: 3,
    panels: scene.shown.flatMap((run) => sets.map((set) => panel(run, set, quantity))),
  };
}

function panel(run: RunResult, set: SetName, quantity: Quantity): Panel {
  const { original, unlearned, oracles } = quantity.histograms(run);
  const histograms = { original: original[set], unlearned: unlearned[set], oracles: oracles[set] };
  const middle = (name: keyof typeof histograms) => {
    const value = medianOf(histograms[name]);
    return `${name} ${value === null ? "none" : quantity === loss ? `10 to the power ${decimal(value, 1)}` : decimal(value, 2)}`;
  };
  const description = `${run.method}, ${set} set: ${quantity.label}; middle sample: ${middle("original")}, ${middle("unlearned")}, ${middle("oracles")}.`;
  const { label, ticks, tickFormat } = quantity;
  return {
    title: run.method,
    subtitle: `${set} set`,
    description,
    draw: () => distributionChart({ description, histograms, label, ticks, tickFormat }),
  };
}
