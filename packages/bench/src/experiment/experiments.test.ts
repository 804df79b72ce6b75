import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listDatasets } from "@lethe/datasets";
import { namedData } from "@lethe/datasets/files";
import { modelBuilders } from "@lethe/models";
import { describe, expect, it } from "vitest";
import { readExperiment, type Experiment } from "./experiment.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const names = (await readdir(join(root, "experiments"), { recursive: true })).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith("recipes"));

async function experiment(name: string): Promise<Experiment> {
  return readExperiment(await readFile(join(root, "experiments", name), "utf8"), name);
}

describe("the project's own experiments", async () => {
  const methods = await readdir(join(root, "packages/methods"));
  const data = [...listDatasets().map(({ id }) => id), ...namedData.map(({ name }) => name)];

  it.each(names)("%s is understood and names what there is", async (name) => {
    const { problems, methods: rows } = await experiment(name);
    for (const problem of problems) {
      expect(data).toContain(problem.data);
      expect(modelBuilders.map(({ id }) => id)).toContain(problem.model);
    }
    for (const { method } of rows) expect(methods).toContain(method);
  });

  it("have names of their own, so that their results do not share a folder", async () => {
    const all = await Promise.all(names.map(async (name) => (await experiment(name)).name));
    expect(new Set(all).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(5);
  });

  // Doing nothing and a second retrained model, the control, are rows of every experiment.
  it("U10: CureNewton stands beside descent on the retained data, the pseudo-inverse, damping and retraining", async () => {
    const { methods: rows, oracles } = await experiment("cure-newton/fashion-mnist.yaml");
    const has = (method: string, options: object) =>
      rows.some((row) => row.method === method && expect.objectContaining(options).asymmetricMatch(row.options));
    expect(has("cure-newton", { variant: "exact" })).toBe(true);
    expect(has("newton", { variant: "pseudo-inverse" })).toBe(true);
    expect(has("newton", { parameters: "head" })).toBe(true);
    expect(has("finetune", { momentum: 0, weightDecay: 0 })).toBe(true);
    expect(oracles).toBeGreaterThan(1);
  });
});
