import { defaultRecipe } from "@lethe/bench";
import { createRandom, selectForget, type Dataset, type Recipe } from "@lethe/core";

export const demoData = "fashion-sample";
export const demoBuilder = "small-cnn";

/** In the order of the table. */
export const demoMethods = ["ssd", "finetune", "retrain"] as const;
export type DemoMethod = (typeof demoMethods)[number];

/** What is to be forgotten. */
export interface Scenario {
  /** Also the name of its folder. */
  readonly id: string;
  readonly title: string;
  readonly selection: { readonly class: number } | { readonly random: number };
  readonly forgotten: readonly string[];
}

export interface Plan {
  readonly seed: number;
  readonly recipe: Recipe;
  readonly oracles: number;
  readonly scenarios: readonly Scenario[];
}

interface Wishes {
  readonly quick: boolean;
  readonly oracles: number | undefined;
  readonly seed: number | undefined;
}

export function planDemo(data: Dataset, { quick, oracles, seed = 0 }: Wishes): Plan {
  const usual = defaultRecipe(demoBuilder, seed);
  return {
    seed,
    recipe: quick ? { ...usual, epochs: Math.ceil(usual.epochs / 2) } : usual,
    oracles: oracles ?? (quick ? 3 : 4),
    scenarios: [
      scenario("class-1", `class 1 (${data.classNames?.[1] ?? "1"})`, { class: 1 }, data, seed),
      scenario("random-100", "100 samples at random", { random: 100 }, data, seed),
    ],
  };
}

function scenario(id: string, title: string, selection: Scenario["selection"], data: Dataset, seed: number): Scenario {
  const positions = selectForget(data, selection, createRandom(seed));
  return { id, title, selection, forgotten: Array.from(positions, (position) => data.ids[position]) };
}
