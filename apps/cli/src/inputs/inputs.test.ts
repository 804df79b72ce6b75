import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { RecipeFlags } from "./recipe.ts";
import { readRecipe, readRecipeFile, readTraining } from "./recipe.ts";
import { readSettings } from "./set.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-inputs-"));
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("--set", () => {
  it("reads JSON where it can and text elsewhere", () => {
    expect(readSettings(["alpha=10", "on=true", "kind=fixed", "list=[1,2]", 'name="a b"', "empty=", "a.b=1", "a.c=x=y", "none=null"])).toEqual({
      alpha: 10,
      on: true,
      kind: "fixed",
      list: [1, 2],
      name: "a b",
      empty: "",
      a: { b: 1, c: "x=y" },
      none: null,
    });
  });

  it.each(["alpha", "=3", "a..b=1", "__proto__.x=1"])("refuses %s", (word) => {
    expect(() => readSettings([word])).toThrow(code("cli/bad-set"));
  });

  it("refuses to guess between two values", () => {
    expect(() => readSettings(["a=1", "a=2"])).toThrow(code("cli/bad-set"));
    expect(() => readSettings(["a=1", "a.b=2"])).toThrow(code("cli/bad-set"));
  });

  it("gives back any JSON value", () => {
    const same = (value: unknown) => {
      const text = JSON.stringify(value);
      expect(readSettings([`x=${text}`])).toEqual({ x: JSON.parse(text) as unknown });
    };
    fc.assert(fc.property(fc.jsonValue(), same));
  });
});

describe("recipe", () => {
  const none: RecipeFlags = {
    recipe: undefined,
    epochs: undefined,
    "batch-size": undefined,
    optimiser: undefined,
    rate: undefined,
    momentum: undefined,
    "weight-decay": undefined,
    schedule: undefined,
    "warm-up": undefined,
    blocks: undefined,
    shards: undefined,
    slices: undefined,
    seed: undefined,
  };

  it("goes by shards where that is said, and not by blocks as well", async () => {
    const order = async (flags: Partial<RecipeFlags>) => (await readRecipe({ ...none, ...flags }, "mlp", folder)).order;
    expect(await order({ shards: 4, slices: 2 })).toEqual({ kind: "shards", shards: 4, slices: 2 });
    expect(await order({ shards: 4 })).toEqual({ kind: "shards", shards: 4 });
    await expect(order({ shards: 4, blocks: 2 })).rejects.toMatchObject({ code: "cli/conflict" });
    await expect(order({ slices: 2 })).rejects.toMatchObject({ code: "cli/missing-option" });
    await expect(order({ shards: 2, slices: 50 })).rejects.toMatchObject({ code: "recipe/invalid" });
  });

  it("starts from the usual one and takes over what is said", async () => {
    const usual = await readRecipe(none, "mlp", folder);
    expect(usual).toMatchObject({ seed: 0, optimiser: { kind: "adam" }, schedule: { kind: "cosine" } });
    const changed = await readRecipe(
      { ...none, epochs: 3, optimiser: "sgd", momentum: 0.9, schedule: "constant", "weight-decay": 0.1, seed: 7 },
      "mlp",
      folder,
    );
    expect(changed).toMatchObject({
      seed: 7,
      epochs: 3,
      optimiser: { kind: "sgd", momentum: 0.9, weightDecay: 0.1 },
      schedule: { kind: "constant", rate: 0.05 },
    });
  });

  it("reads the same recipe from a file, whatever the order of its fields", async () => {
    const usual = await readRecipe(none, "resnet8", folder);
    await writeFile(join(folder, "recipe.json"), JSON.stringify(Object.fromEntries(Object.entries(usual).toReversed())));
    const read = await readRecipe({ ...none, recipe: "recipe.json" }, "resnet8", folder);
    expect(JSON.stringify(read)).toBe(JSON.stringify(usual));
  });

  it("is what differs from the usual one in a YAML file, for the model that is trained", async () => {
    await writeFile(join(folder, "training.yaml"), "data: digits\nmodel: mlp\nrecipe: { epochs: 3 }\n");
    const given = { ...none, recipe: "training.yaml" };
    const training = await readTraining(given.recipe, folder);
    const usual = await readRecipe(none, "mlp", folder);
    expect(await readRecipe(given, "mlp", folder, training)).toEqual({ ...usual, epochs: 3 });
    expect(await readRecipe({ ...given, seed: 5 }, "mlp", folder, training)).toEqual({ ...usual, epochs: 3, seed: 5 });
    expect(await readRecipe(given, "resnet8", folder, training)).toMatchObject({ epochs: 3, optimiser: { kind: "sgd" } });
    await expect(readRecipe({ ...given, rate: 0.1 }, "mlp", folder, training)).rejects.toThrow(code("cli/conflict"));
    expect(await readRecipeFile("training.yaml", folder)).toEqual({ ...usual, epochs: 3 });
    expect(await readTraining("recipe.json", folder)).toBeUndefined();
    expect(await readTraining(undefined, folder)).toBeUndefined();
  });

  it("refuses contradictions and nonsense", async () => {
    await writeFile(join(folder, "odd.json"), '{"seed": 1, "epochs": 2, "batchSize": 3, "optimizer": {}}');
    await writeFile(join(folder, "no.json"), "{");
    await expect(readRecipe({ ...none, momentum: 0.9 }, "mlp", folder)).rejects.toThrow(code("cli/conflict"));
    await expect(readRecipe({ ...none, recipe: "recipe.json", epochs: 1 }, "mlp", folder)).rejects.toThrow(code("cli/conflict"));
    await expect(readRecipe({ ...none, recipe: "odd.json" }, "mlp", folder)).rejects.toThrow(code("recipe/invalid"));
    await expect(readRecipe({ ...none, recipe: "no.json" }, "mlp", folder)).rejects.toThrow(code("recipe/bad-file"));
    await expect(readRecipe(none, "perceptron", folder)).rejects.toThrow(code("model/unknown-builder"));
  });
});
