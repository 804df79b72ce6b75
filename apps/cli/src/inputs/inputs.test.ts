import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arrayDataset } from "@lethe/core";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { RecipeFlags } from "./recipe.ts";
import { dataSource, loadData, onlyIds, withoutIds } from "./data.ts";
import { readForget } from "./forget.ts";
import { readRecipe } from "./recipe.ts";
import { readSettings } from "./set.ts";
import { writeIdx } from "../fixtures/idx.ts";

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

describe("--forget", () => {
  const data = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 2, 1], classNames: ["Shirt", "Trouser", "Bag"] });

  it("reads a class by number or name, a number of samples, and a file of ids", async () => {
    await writeFile(join(folder, "ids.json"), '["0", "3"]');
    expect(await readForget("class=2", data, folder)).toEqual({ class: 2 });
    expect(await readForget("class=trouser", data, folder)).toEqual({ class: 1 });
    expect(await readForget("random=3", data, folder)).toEqual({ random: 3 });
    expect(await readForget("ids.json", data, folder)).toEqual(["0", "3"]);
  });

  it.each([
    ["class=Hat", "forget/unknown-class"],
    ["random=0", "forget/bad-count"],
    ["random=-1", "forget/bad-count"],
    ["random=1.5", "forget/bad-count"],
    ["everything", "forget/not-understood"],
    ["missing.json", "file/not-found"],
    ["empty.json", "forget/bad-file"],
    ["numbers.json", "forget/bad-file"],
    ["broken.json", "forget/bad-file"],
  ])("refuses %s", async (given, expected) => {
    await writeFile(join(folder, "empty.json"), "[]");
    await writeFile(join(folder, "numbers.json"), "[1, 2]");
    await writeFile(join(folder, "broken.json"), '["a"');
    await expect(readForget(given, data, folder)).rejects.toThrow(code(expected));
  });
});

describe("--data", () => {
  it("loads an embedded set with its test part", async () => {
    const { train, test } = await loadData(dataSource("digits", undefined, folder));
    expect([train.size, test?.size]).toEqual([1437, 360]);
  });

  it("loads IDX files from relative paths, ids independent of the folder", async () => {
    await writeIdx(folder, { name: "mine", shape: [3, 2, 2], labels: [0, 1, 1] });
    const source = dataSource("idx:mine-images,mine-labels", "idx:mine-images,mine-labels", folder);
    expect(source.train).toBe(`idx:${join(folder, "mine-images")},${join(folder, "mine-labels")}`);
    const { train, test } = await loadData(source);
    expect([train.size, train.inputShape, train.classCount, test?.size]).toEqual([3, [2, 2, 1], 2, 3]);
    expect(train.ids[2]).toBe("train-mine-images-000002");
  });

  it("refuses a test set of another shape, and what it does not know", async () => {
    await writeIdx(folder, { name: "a", shape: [2, 2, 2], labels: [0, 1] });
    await writeIdx(folder, { name: "b", shape: [2, 3, 3], labels: [0, 1] });
    await expect(loadData(dataSource("idx:a-images,a-labels", "idx:b-images,b-labels", folder))).rejects.toThrow(code("data/shape-mismatch"));
    await expect(loadData({ train: "mnist" })).rejects.toThrow(code("data/unknown-source"));
    expect(() => dataSource("idx:only-one", undefined, folder)).toThrow(code("data/unknown-source"));
  });

  it("splits by ids", () => {
    const data = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 0, 1] });
    expect(withoutIds(data, ["1", "2"]).ids).toEqual(["0", "3"]);
    expect(onlyIds(data, ["2", "1"], "two").ids).toEqual(["1", "2"]);
    expect(withoutIds(data, [])).toBe(data);
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
    seed: undefined,
  };

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

  it("refuses contradictions and nonsense", async () => {
    await writeFile(join(folder, "odd.json"), '{"seed": 1, "epochs": 2, "batchSize": 3, "optimizer": {}}');
    await writeFile(join(folder, "no.json"), "{");
    await expect(readRecipe({ ...none, momentum: 0.9 }, "mlp", folder)).rejects.toThrow(code("cli/conflict"));
    await expect(readRecipe({ ...none, recipe: "recipe.json", epochs: 1 }, "mlp", folder)).rejects.toThrow(code("cli/conflict"));
    await expect(readRecipe({ ...none, recipe: "odd.json" }, "mlp", folder)).rejects.toThrow(code("recipe/invalid"));
    await expect(readRecipe({ ...none, recipe: "no.json" }, "mlp", folder)).rejects.toThrow(code("recipe/bad-file"));
    await expect(readRecipe(none, "perceptron", folder)).rejects.toThrow(code("cli/missing-option"));
  });
});
