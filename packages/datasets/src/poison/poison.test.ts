import { arrayDataset, createRandom, subset, type Dataset } from "@lethe/core";
import { describe, expect, it, test } from "vitest";
import { backdoor } from "./backdoor.ts";
import { interclassConfusion } from "./interclass-confusion.ts";
import { labelNoise } from "./label-noise.ts";
import { poison } from "./poison.ts";
import type { Poisoned, PoisonRecipe } from "./recipe.ts";

const size = 60;
const shape = [4, 5, 2];
const stride = 40;
const random = createRandom("poison");
const inputs = Float32Array.from({ length: size * stride }, () => random.uniform());
const pristine = inputs.slice();
const labels = Array.from({ length: size }, (_, i) => i % 3);
const clean = arrayDataset({ name: "clean", inputs, inputShape: shape, labels, classNames: ["cat", "dog", "car"] });

const code = (expected: string) => expect.objectContaining({ code: expected });
const positionsOf = ({ poisonedIds }: Poisoned) => poisonedIds.map(Number);
const patch = { kind: "patch", size: 2, corner: "bottom-right", value: 9 } as const;

/** Reads everything, in an order that is not that of the data. */
async function readBack(data: Dataset) {
  const order = createRandom("order").permutation(data.size);
  const { inputs: read, labels: own } = await data.read(order);
  return { order, own, input: (row: number) => read.values.slice(row * stride, (row + 1) * stride) };
}

const recipes: readonly PoisonRecipe[] = [
  { kind: "label-noise", fraction: 0.2, seed: 1 },
  { kind: "label-noise", count: 5, fromClass: "dog", toClass: "Car" },
  { kind: "backdoor", count: 7, target: "cat", trigger: patch },
  { kind: "backdoor", ids: ["5", "3"], target: 1, trigger: { kind: "features", indices: [0, 39], value: -1 }, seed: "x" },
  { kind: "interclass-confusion", classes: ["cat", 2], count: 9 },
];

describe.each(recipes)("$kind, %#", (recipe) => {
  const poisoned = poison(clean, recipe);
  const positions = positionsOf(poisoned);

  it("changes labels of the poisoned samples and of no others, and remembers what they were", async () => {
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect([...poisoned.originalLabels]).toEqual(positions.map((position) => labels[position]));
    const changed = Array.from(poisoned.data.labels.keys()).filter((position) => poisoned.data.labels[position] !== labels[position]);
    // A sample named by its id may be of the target class already.
    expect(changed.filter((position) => !positions.includes(position))).toEqual([]);
    if (!("ids" in recipe)) expect(changed).toEqual(positions);
    expect(poisoned.data.columns?.["poisoned-from"]).toEqual(
      labels.map((label, position) => (positions.includes(position) ? ["cat", "dog", "car"][label] : null)),
    );
    const { order, own } = await readBack(poisoned.data);
    expect(own).toEqual(Int32Array.from(order, (position) => poisoned.data.labels[position]));
  });

  it("leaves the data that it was given as it was", async () => {
    await readBack(poisoned.data);
    expect(inputs).toEqual(pristine);
    expect([...clean.labels]).toEqual(labels);
  });

  it("is made again by its recipe, which is plain JSON", async () => {
    const again = poison(clean, JSON.parse(JSON.stringify(poisoned.recipe)) as PoisonRecipe);
    expect(await again.data.hash()).toBe(await poisoned.data.hash());
    expect(again.recipe).toEqual(poisoned.recipe);
    expect(await poisoned.data.hash()).not.toBe(await clean.hash());
    expect(await subset(poisoned.data, [1, 0]).hash()).not.toBe(await subset(clean, [1]).hash());
  });

  it("is another draw for another seed", () => {
    if ("ids" in recipe) return;
    expect(poison(clean, { ...recipe, seed: "another" }).poisonedIds).not.toEqual(poisoned.poisonedIds);
  });

  it("refuses to poison what is poisoned", () => {
    expect(() => poison(poisoned.data, recipe)).toThrow(code("data/column-exists"));
  });
});

describe("label noise", () => {
  it("gives every wrong label equally often", () => {
    const many = arrayDataset({ inputs: new Float32Array(9000), inputShape: [1], labels: Array.from({ length: 9000 }, (_, i) => i % 3) });
    const { data } = labelNoise(many, { fraction: 1, seed: 2 });
    const counts = new Map<string, number>();
    data.labels.forEach((label, i) => counts.set(`${i % 3} ${label}`, (counts.get(`${i % 3} ${label}`) ?? 0) + 1));
    expect(counts.size).toBe(6);
    // Five standard deviations of a binomial with 3,000 draws and p = 1/2.
    for (const count of counts.values()) expect(Math.abs(count - 1500)).toBeLessThan(5 * Math.sqrt(750));
  });

  it("takes only samples of a class, and never those that are there already", () => {
    expect(new Set(labelNoise(clean, { fraction: 1, fromClass: 0 }).originalLabels)).toEqual(new Set([0]));
    expect(labelNoise(clean, { fraction: 1, toClass: 0 }).poisonedIds).toHaveLength(40);
    expect(labelNoise(clean, { fraction: 0.2 }).recipe).toEqual({ kind: "label-noise", count: 12, seed: 0 });
  });

  it.each([
    [{ count: 0 }, "poison/bad-amount"],
    [{ count: 21, fromClass: 1 }, "poison/bad-amount"],
    [{ fraction: 1.1 }, "poison/bad-amount"],
    [{ fraction: 0.001 }, "poison/bad-amount"],
    [{ count: 1, fromClass: 1, toClass: "dog" }, "poison/bad-classes"],
    [{ count: 1, fromClass: "bird" }, "data/unknown-class"],
  ])("refuses %j", (options, expected) => {
    expect(() => labelNoise(clean, options)).toThrow(code(expected));
  });
});

describe("a backdoor", () => {
  const poisoned = backdoor(clean, { trigger: patch, target: "car", count: 8, seed: 3 });
  /** Rows 2 and 3, columns 3 and 4, both channels of a 4 x 5 picture. */
  const corner = [26, 27, 28, 29, 36, 37, 38, 39];
  const withPatch = (position: number) =>
    pristine.slice(position * stride, (position + 1) * stride).map((value, i) => (corner.includes(i) ? 9 : value));

  it("puts the patch into poisoned inputs and into no others", async () => {
    const { order, input } = await readBack(poisoned.data);
    order.forEach((position, row) => {
      const expected = poisoned.poisonedIds.includes(String(position))
        ? withPatch(position)
        : pristine.slice(position * stride, (position + 1) * stride);
      expect(input(row)).toEqual(expected);
    });
    expect([...poisoned.originalLabels].every((label) => label !== 2)).toBe(true);
  });

  it("shows other data with the trigger everywhere and true labels", async () => {
    const view = poisoned.triggered(clean);
    const { order, own, input } = await readBack(view);
    order.forEach((position, row) => expect(input(row)).toEqual(withPatch(position)));
    expect(own).toEqual(Int32Array.from(order, (position) => labels[position]));
    expect(view.ids).toBe(clean.ids);
  });

  it.each<[string, readonly number[]]>([
    ["top-left", [0, 1]],
    ["top-right", [8, 9]],
    ["bottom-left", [30, 31]],
    ["bottom-right", [38, 39]],
  ])("has a patch in the corner %s", async (at, marked) => {
    const trigger = { kind: "patch", size: 1, corner: at as "top-left", value: 5 } as const;
    const { inputs: read } = await backdoor(clean, { trigger, target: 0, ids: ["1"] }).data.read([1]);
    expect(Array.from(read.values.keys()).filter((i) => read.values[i] === 5)).toEqual(marked);
  });

  it("may be in every sample of a user, of the target class too", () => {
    expect(backdoor(clean, { trigger: patch, target: 2, ids: ["2", "0"] })).toMatchObject({
      poisonedIds: ["0", "2"],
      recipe: { kind: "backdoor", ids: ["0", "2"], target: 2 },
    });
  });

  it("is not in data of another shape", () => {
    const other = arrayDataset({ inputs: new Float32Array(3), inputShape: [3], labels: [0] });
    expect(() => poisoned.triggered(other)).toThrow(code("poison/bad-trigger"));
  });

  it.each([
    [{ trigger: { ...patch, size: 5 } }, "poison/bad-trigger"],
    [{ trigger: { ...patch, size: 0 } }, "poison/bad-trigger"],
    [{ trigger: { ...patch, value: Number.NaN } }, "poison/bad-trigger"],
    [{ trigger: { kind: "features", indices: [40], value: 1 } as const }, "poison/bad-trigger"],
    [{ trigger: { kind: "features", indices: [], value: 1 } as const }, "poison/bad-trigger"],
    [{ target: "bird" }, "data/unknown-class"],
    [{ count: 41 }, "poison/bad-amount"],
  ])("refuses %j", (change, expected) => {
    expect(() => backdoor(clean, { trigger: patch, target: 2, count: 3, ...change })).toThrow(code(expected));
  });

  it("refuses ids that are none", () => {
    expect(() => backdoor(clean, { trigger: patch, target: 2, ids: ["x"] })).toThrow(code("forget/unknown-id"));
    expect(() => backdoor(clean, { trigger: patch, target: 2, ids: [] })).toThrow(code("poison/bad-amount"));
  });
});

test("interclass confusion swaps labels in both directions, half of them each", () => {
  const { originalLabels, data, poisonedIds } = interclassConfusion(clean, { classes: ["cat", "car"], count: 9, seed: 5 });
  expect([...originalLabels].filter((label) => label === 0)).toHaveLength(5);
  expect([...originalLabels].filter((label) => label === 2)).toHaveLength(4);
  poisonedIds.forEach((id, i) => expect(data.labels[Number(id)]).toBe(2 - originalLabels[i]));
  expect(interclassConfusion(clean, { classes: [0, 1], count: 1 }).poisonedIds).toHaveLength(1);
  const refuse = (classes: readonly [number, number], count: number) => () => interclassConfusion(clean, { classes, count });
  expect(refuse([1, 1], 2)).toThrow(code("poison/bad-classes"));
  expect(refuse([0, 1], 0)).toThrow(code("poison/bad-amount"));
  expect(refuse([0, 1], 42)).toThrow(code("poison/bad-amount"));
  expect(refuse([0, 7], 2)).toThrow(code("data/unknown-class"));
});
