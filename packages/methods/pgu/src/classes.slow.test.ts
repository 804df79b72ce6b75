import { chooseBackend } from "@lethe/backends";
import { createContext, createRandom, Model, prepare, subset, train, unlearn, type Dataset, type ForgetSelection } from "@lethe/core";
import { fashionSample } from "@lethe/datasets";
import { smallCnn } from "@lethe/models";
import { expect, it } from "vitest";
import { accuracyOf } from "./fixtures/problems.ts";
import { pgu, type PguInput } from "./index.ts";

const settings: Record<string, PguInput> = {
  defaults: {},
  "tau 0.95": { tau: 0.95 },
  "tau 0.5": { tau: 0.5 },
  "rate 0.01 to 0.002": { rate: 0.01, finalRate: 0.002 },
};

/** The README's table: each class of the Fashion-MNIST sample, and samples at random, forgotten from one trained network. */
it("prints what is left of each class, and of the others", async () => {
  await chooseBackend({ name: "wasm" });
  const { train: data, test: unseen } = await fashionSample();
  const [validation, test] = [0, 1].map((half) =>
    subset(
      unseen,
      [...unseen.labels.keys()].filter((i) => i % 2 === half),
    ),
  );
  const start = new Model(smallCnn({ inputShape: [28, 28, 1], classes: 10 })).initialise(createRandom(1));
  const recipe = { seed: 1, epochs: 4, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } } as const;
  const { weights } = await train({ model: start, data, recipe, context: createContext() });
  const model = start.copy(weights);
  const { artifact } = await prepare({ model, data, validation, method: pgu() });
  const lines = [`| forgotten | before | ${Object.keys(settings).join(" | ")} |`, `| --- | --- |${" --- |".repeat(Object.keys(settings).length)}`];
  let forgotten = 0;
  const rows: [string, ForgetSelection][] = [
    ...data.classNames!.map((name, label): [string, ForgetSelection] => [name, { class: label }]),
    ["100 at random", { random: 100 }],
  ];
  for (const [name, forget] of rows) {
    const others = "class" in forget ? positions(test, (i) => test.labels[i] !== forget.class) : positions(test, () => true);
    const cells: string[] = [];
    for (const [setting, options] of Object.entries(settings)) {
      const result = await unlearn({ model, data, forget, method: pgu(options), artifact, seed: 1 });
      const gone = new Set(result.forgotten);
      const mine = positions(data, (i) => gone.has(data.ids[i]));
      const figures = async (of: Model) => [await accuracyOf(of, data, mine), await accuracyOf(of, test, others)];
      const [before, after] = [await figures(model), await figures(new Model(result.model))];
      if (cells.length === 0) cells.push(shown(before));
      cells.push(`${shown(after)}${result.status === "completed" ? "" : ` (${result.status})`}`);
      if (setting === "defaults" && "class" in forget) {
        forgotten += Number(after[0] <= 0.01);
        expect(after[1]).toBeGreaterThan(before[1] - 0.1);
      }
      new Model(result.model).dispose();
    }
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  console.log(lines.join("\n"));
  expect(forgotten).toBe(10);
});

function positions(of: Dataset, wanted: (i: number) => boolean): number[] {
  return [...of.labels.keys()].filter(wanted);
}

const shown = ([forget, rest]: number[]): string => `${(100 * forget).toFixed(1)} / ${(100 * rest).toFixed(1)}`;
