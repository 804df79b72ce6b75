import { LetheError, type Dataset } from "@lethe/core";
import { classOf } from "../views/class-of.ts";
import { mislabelled, positionsWhere } from "./mislabelled.ts";
import { countOf, drawPositions, type InterclassConfusionOptions, type Poisoned } from "./recipe.ts";

/**
 * Swaps the labels of samples of two classes A and B, half of them of each, so that a model confuses the two until the samples are forgotten.
 * Measured by `interclassConfusion` of `@lethe/metrics`. Goel et al. 2022, Towards Adversarial Evaluations for Inexact Machine Unlearning.
 *
 * @throws LetheError `poison/bad-amount`, `poison/bad-classes`, `data/unknown-class`, `data/column-exists`.
 * @example
 * const clean = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 2, 2] });
 * const confused = interclassConfusion(clean, { classes: [0, 1], count: 2 });
 * confused.poisonedIds; // ["0", "1"]
 * [...confused.data.labels]; // [1, 0, 2, 2]
 */
export function interclassConfusion(data: Dataset, { classes, count, seed = 0 }: InterclassConfusionOptions): Poisoned {
  const [a, b] = classes.map((given) => classOf(data, given));
  if (a === b) throw new LetheError("poison/bad-classes", `Class ${classes[0]} cannot be confused with itself; give two classes.`, { classes });
  countOf({ count }, data.size, `samples of ${data.name}`);
  const half = (label: number, share: number) => {
    const own = positionsWhere(data, (other) => other === label);
    return share === 0 ? [] : drawPositions(own, countOf({ count: share }, own.length, `samples of class ${label}`), seed, `confusion-${label}`);
  };
  const positions = [...half(a, Math.ceil(count / 2)), ...half(b, Math.floor(count / 2))].toSorted((one, other) => one - other);
  const swapped = (position: number) => (data.labels[position] === a ? b : a);
  return mislabelled(data, positions, swapped, { kind: "interclass-confusion", classes: [a, b], count, seed });
}
