import { chooseBackend } from "@lethe/backends";
import { collectLogits, createContext, createRandom, Model, prepare, subset, train, unlearn, type Dataset } from "@lethe/core";
import { fashionSample } from "@lethe/datasets";
import { smallCnn } from "@lethe/models";
import { expect, it } from "vitest";
import { ssd, type SsdInput } from "./index.ts";

/** The README's table: each class of the Fashion-MNIST sample forgotten by each rule, from one trained network. */
it("prints what each selection rule does to each class", async () => {
  await chooseBackend({ name: "wasm" });
  const { train: data, test } = await fashionSample();
  const start = new Model(smallCnn({ inputShape: [28, 28, 1], classes: 10 })).initialise(createRandom(1));
  const recipe = { seed: 1, epochs: 4, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "cosine", rate: 0.005 } } as const;
  const { weights } = await train({ model: start, data, recipe, context: createContext() });
  const model = start.copy(weights);
  const rules: Record<string, SsdInput> = {
    adaptive: {},
    search: { selection: "search" },
    "alpha 5": { selection: "fixed", alpha: 5 },
    "alpha 10": { selection: "fixed" },
  };
  const { artifact } = await prepare({ model, data, method: ssd() });
  const lines = [`| class | before | ${Object.keys(rules).join(" | ")} |`, `| --- | --- |${" --- |".repeat(4)}`];
  let forgotten = 0;
  for (let label = 0; label < 10; label++) {
    const parts = (["is", "is not"] as const).map((wanted) => ({ forget: ofClass(data, label, wanted), test: ofClass(test, label, wanted) }));
    const measure = async (of: Model) => [await accuracy(of, parts[0].forget), await accuracy(of, parts[1].test)];
    const before = await measure(model);
    const cells = [data.classNames?.[label], figures(before)];
    for (const [name, options] of Object.entries(rules)) {
      const result = await unlearn({ model, data, forget: { class: label }, method: ssd(options), artifact });
      const after = await measure(new Model(result.model));
      cells.push(result.status === "no-effect" ? "no effect" : figures(after));
      if (name === "search" && result.status === "completed") {
        expect(after[0]).toBeLessThanOrEqual(0.1 * before[0]);
        forgotten++;
      }
      new Model(result.model).dispose();
    }
    lines.push(`| ${cells.join(" | ")} |`);
  }
  expect(forgotten).toBeGreaterThanOrEqual(6);
  console.log(lines.join("\n"));
});

function ofClass(data: Dataset, label: number, wanted: "is" | "is not"): Dataset {
  return subset(
    data,
    [...data.labels.keys()].filter((i) => (data.labels[i] === label) === (wanted === "is")),
  );
}

const figures = ([forget, rest]: number[]): string => `${(100 * forget).toFixed(1)} / ${(100 * rest).toFixed(1)}`;

async function accuracy(model: Model, data: Dataset): Promise<number> {
  const { values } = await collectLogits(model, data, { context: createContext(), batchSize: 250, phase: "accuracy" });
  let right = 0;
  for (let n = 0; n < data.size; n++) {
    const row = values.subarray(n * 10, (n + 1) * 10);
    right += Number(row.indexOf(Math.max(...row)) === data.labels[n]);
  }
  return right / data.size;
}
