import type { Dataset } from "@lethe/core";
import { backdoor, type Backdoored } from "./backdoor.ts";
import { interclassConfusion } from "./interclass-confusion.ts";
import { labelNoise } from "./label-noise.ts";
import type { Poisoned, PoisonRecipe } from "./recipe.ts";

/**
 * Poisons data by a recipe, as an experiment or a lock holds it.
 *
 * @throws LetheError those of {@link labelNoise}, {@link backdoor} and {@link interclassConfusion}.
 * @example
 * const clean = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1] });
 * const once = poison(clean, { kind: "label-noise", fraction: 0.5, seed: 3 });
 * poison(clean, once.recipe).poisonedIds.length; // 2
 */
export function poison(data: Dataset, recipe: PoisonRecipe): Poisoned | Backdoored {
  if (recipe.kind === "label-noise") return labelNoise(data, recipe);
  return recipe.kind === "backdoor" ? backdoor(data, recipe) : interclassConfusion(data, recipe);
}
