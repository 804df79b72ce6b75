import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listDatasets } from "@lethe/datasets";
import { namedData } from "@lethe/datasets/files";
import { describe, expect, it } from "vitest";
import { defaultRecipe, recipeWith } from "./defaults.ts";
import { readTrainingFile } from "./training-file.ts";

const least = "data: digits\nmodel: mlp\n";
const read = (source: string) => readTrainingFile(source, "training.yaml");

describe("the description of a training", () => {
  it("says what differs from the usual recipe of the model", () => {
    expect(read(least)).toEqual({ data: "digits", model: "mlp", recipe: {} });
    const { recipe, reached } = read(
      `${least}recipe: { epochs: 3, schedule: { kind: constant, rate: 0.1 } }\nreached: { accuracy: 0.9, minutes: 0.5 }`,
    );
    expect(reached).toEqual({ accuracy: 0.9, minutes: 0.5 });
    const usual = defaultRecipe("mlp", 4);
    expect(recipeWith("mlp", recipe, 4)).toEqual({ ...usual, epochs: 3, schedule: { kind: "constant", rate: 0.1 } });
  });

  it("may go by shards", () => {
    const order = { kind: "shards", shards: 2, assignment: { kind: "by-probability", column: "p", boundaries: [[0.1, 0.5]] } };
    const { recipe } = read(`${least}recipe: { order: ${JSON.stringify(order)} }`);
    expect(recipeWith("mlp", recipe, 4).order).toEqual(order);
  });

  it("may go by blocks", () => {
    const { recipe } = read(`${least}recipe: { order: { kind: blocks, blocks: 4 } }`);
    expect(recipeWith("mlp", recipe, 4)).toEqual({ ...defaultRecipe("mlp", 4), order: { kind: "blocks", blocks: 4 } });
    expect(() => recipeWith("mlp", { order: { kind: "blocks", blocks: 0 } }, 4)).toThrow(expect.objectContaining({ code: "recipe/invalid" }));
  });

  it.each([
    ["speed: 3", "", /Unrecognized key: "speed"/],
    ["recipe: { epoch: 3 }", "recipe", /recipe: Unrecognized key: "epoch"/],
    ["recipe: { seed: 3 }", "recipe", /"seed"/],
    ["recipe: { order: { kind: sorted } }", "recipe.order.kind", /recipe\.order\.kind/],
    ["reached: { accuracy: 91, minutes: 1 }", "reached.accuracy", /reached\.accuracy/],
    ["reached: { accuracy: 0.91 }", "reached.minutes", /reached\.minutes/],
  ])("is refused with %s", (line, field, message) => {
    expect(() => read(`${least}${line}`)).toThrow(
      expect.objectContaining({ code: "recipe/invalid", message: expect.stringMatching(message), details: { path: "training.yaml", field } }),
    );
  });

  it("needs data and a model", () => {
    expect(() => read("model: mlp")).toThrow(/training\.yaml does not describe a training \(data: /);
    expect(() => read("data: digits")).toThrow(/\(model: /);
  });

  it.each([
    ["data: [", { line: 1 }],
    ["data: *later", {}],
  ])("is refused where it is no YAML: %s", (source, place) => {
    expect(() => read(source)).toThrow(expect.objectContaining({ code: "recipe/not-yaml", details: expect.objectContaining(place) as object }));
  });
});

describe("experiments/recipes", async () => {
  const folder = fileURLToPath(new URL("../../../../experiments/recipes", import.meta.url));
  const known = [...listDatasets().map(({ id }) => id), ...namedData.map(({ name }) => name)];

  it.each(await readdir(folder))("%s names data and a model that there are, and a recipe for it", async (name) => {
    const { data, model, recipe } = readTrainingFile(await readFile(join(folder, name), "utf8"), name);
    expect(known).toContain(data);
    expect(name).toBe(`${model}-${data}.yaml`);
    expect(recipeWith(model, recipe, 0)).toMatchObject({ seed: 0, ...recipe });
  });
});
