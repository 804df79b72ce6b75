import type { LayerChange, RunResult } from "../../results/run-result.ts";
import { layersChart } from "../charts/layers.ts";
import type { Figure } from "../document.ts";
import { decimal } from "../numbers.ts";
import { shownSeeds, type Scene } from "../scene.ts";

/** More layers than a panel can show legibly are cut to those that changed most. */
const most = 32;

export function layersFigure(scene: Scene): Figure | null {
  const runs = scene.shown.filter(({ details }) => details.layers.length > 0);
  if (runs.length === 0) return null;
  const cut = runs.some(({ details }) => details.layers.length > most) ? ` The ${most} layers that changed most.` : "";
  // Nothing may have changed anywhere.
  const largest = Math.max(...runs.flatMap(({ details }) => details.layers.map(({ unlearned }) => unlearned ?? 0))) || 1;
  return {
    kind: "figure",
    title: "Change of each layer",
    caption: `Norm of the change of a layer’s parameters over the norm of what they were. It shows where a method works, not how well.${cut} ${shownSeeds(scene)}`,
    keys: [],
    columns: 3,
    panels: runs.map((run) => {
      const layers = layersOf(run);
      const first = layers.toSorted((a, b) => size(b) - size(a))[0];
      const description = `${run.method}: change of ${layers.length} layers; the most: ${first.layer}, ${decimal(size(first), 3)}.`;
      return { title: run.method, description, draw: () => layersChart(description, layers, largest) };
    }),
  };
}

function layersOf({ details: { layers } }: RunResult): readonly LayerChange[] {
  if (layers.length <= most) return layers;
  const kept = new Set(layers.toSorted((a, b) => size(b) - size(a)).slice(0, most));
  return layers.filter((layer) => kept.has(layer));
}

function size({ unlearned }: LayerChange): number {
  return unlearned ?? 0;
}
