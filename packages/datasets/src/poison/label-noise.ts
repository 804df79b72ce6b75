import { LetheError, createRandom, type Dataset } from "@lethe/core";
import { classOf } from "../views/class-of.ts";
import { mislabelled, positionsWhere } from "./mislabelled.ts";
import { countOf, drawPositions, type LabelNoiseOptions, type Poisoned } from "./recipe.ts";

/**
 * Gives randomly chosen samples a wrong label: any other class with the same probability (symmetric noise), or always `toClass` (asymmetric noise).
 * No sample keeps its label. Unlearning them should bring back what the clean labels would have taught; Warnecke et al. 2023, Machine Unlearning of
 * Features and Labels, measure that as the accuracy repaired.
 *
 * @throws LetheError `poison/bad-amount`, `poison/bad-classes` where a class would become itself, `data/unknown-class`, `data/column-exists`.
 * @example
 * const clean = arrayDataset({ inputs: new Float32Array(6), inputShape: [1], labels: [0, 1, 2, 0, 1, 2] });
 * const { poisonedIds, originalLabels, data } = labelNoise(clean, { count: 2, fromClass: 1, toClass: 2 });
 * poisonedIds; // ["1", "4"]
 * [...originalLabels]; // [1, 1]
 * [...data.labels]; // [0, 2, 2, 0, 2, 2]
 */
export function labelNoise(data: Dataset, options: LabelNoiseOptions): Poisoned {
  const { seed = 0 } = options;
  const from = options.fromClass === undefined ? undefined : classOf(data, options.fromClass);
  const to = options.toClass === undefined ? undefined : classOf(data, options.toClass);
  if (from !== undefined && from === to) {
    throw new LetheError("poison/bad-classes", `Class ${options.fromClass} cannot be mislabelled as itself; give two classes.`, { class: from });
  }
  if (data.classCount < 2) throw new LetheError("poison/bad-classes", `${data.name} has one class only; a label cannot be wrong.`);
  const eligible = positionsWhere(data, (label) => (from === undefined || label === from) && label !== to);
  const count = countOf(options, eligible.length, `samples of ${data.name} that may get a wrong label`);
  const positions = drawPositions(eligible, count, seed, "label-noise");
  const labels = createRandom(seed).split("poison", "label-noise", "labels");
  const wrong = (position: number) => {
    const shift = 1 + labels.integer(data.classCount - 1);
    return to ?? (data.labels[position] + shift) % data.classCount;
  };
  const classes = { ...(from === undefined ? {} : { fromClass: from }), ...(to === undefined ? {} : { toClass: to }) };
  return mislabelled(data, positions, wrong, { kind: "label-noise", count, ...classes, seed });
}
