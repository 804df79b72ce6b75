import { LetheError, createRandom, selectForget, type Dataset } from "@lethe/core";
import { altered } from "../views/altered.ts";
import { classOf } from "../views/class-of.ts";
import { mislabelled, positionsWhere } from "./mislabelled.ts";
import { countOf, drawPositions, type BackdoorOptions, type Poisoned } from "./recipe.ts";
import { triggerOf } from "./trigger.ts";

export interface Backdoored extends Poisoned {
  /** The class that the trigger stands for. */
  readonly target: number;
  /**
   * Every sample of other data with the trigger in it and its true label, for `backdoorSuccessRate` of `@lethe/metrics`.
   *
   * @throws LetheError `poison/bad-trigger` for data of another shape.
   */
  triggered(test: Dataset): Dataset;
}

/**
 * Puts a trigger into samples and labels them as `target`, so that a model learns that the trigger means the target. Samples of the target class are not drawn;
 * those given by id may be of it. Gu et al. 2017, BadNets; as a check of deletion Sommer et al. 2022, Athena.
 *
 * @throws LetheError `poison/bad-amount`, `poison/bad-trigger`, `data/unknown-class`, `data/column-exists`, `forget/unknown-id`, `forget/duplicate-id`.
 * @example
 * const clean = arrayDataset({ inputs: new Float32Array(6), inputShape: [2], labels: [0, 1, 1] });
 * const { data, poisonedIds, triggered } = backdoor(clean, { trigger: { kind: "features", indices: [1], value: 9 }, target: 0, ids: ["2"] });
 * [...data.labels]; // [0, 1, 0]
 * (await data.read([2])).inputs.values; // Float32Array [0, 9]
 * poisonedIds; // ["2"]
 * (await triggered(clean).read([0])).inputs.values; // Float32Array [0, 9]
 */
export function backdoor(data: Dataset, options: BackdoorOptions): Backdoored {
  const { trigger, seed = 0 } = options;
  const target = classOf(data, options.target);
  const positions = chosen(data, options, target, seed);
  const marked = new Set(positions);
  const inputs = { isChanged: (position: number) => marked.has(position), change: triggerOf(trigger, data) };
  const amount = "ids" in options ? { ids: positions.map((position) => data.ids[position]) } : { count: positions.length };
  return {
    ...mislabelled(data, positions, () => target, { kind: "backdoor", ...amount, trigger, target, seed }, inputs),
    target,
    triggered: (test) => altered(test, { inputs: { isChanged: () => true, change: triggerOf(trigger, test) } }),
  };
}

function chosen(data: Dataset, options: BackdoorOptions, target: number, seed: number | string): number[] {
  if ("ids" in options) {
    if (options.ids.length === 0) throw new LetheError("poison/bad-amount", "The list of ids to poison is empty; name one at least.");
    return [...selectForget(data, options.ids, createRandom(0))];
  }
  const eligible = positionsWhere(data, (label) => label !== target);
  return drawPositions(eligible, countOf(options, eligible.length, `samples of ${data.name} outside class ${target}`), seed, "backdoor");
}
