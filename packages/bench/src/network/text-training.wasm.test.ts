import { chooseBackend } from "@lethe/backends";
import { arrayDataset, createContext, createRandom, Model, train } from "@lethe/core";
import { textMean, textTransformer, vit } from "@lethe/models";
import { beforeAll, expect, test } from "vitest";

// In a file, and so a process, of its own: whoever takes a second derivative registers gradients that would hide what training lacks.
beforeAll(() => chooseBackend({ name: "wasm" }));

const random = createRandom("texts");
const labels = Array.from({ length: 24 }, (_, i) => i % 3);
/** The class is the word that stands among others. */
const words = Int32Array.from(labels.flatMap((label) => Array.from({ length: 5 }, (_, at) => (at === 2 ? 1 + label : 4 + random.integer(5)))));
const texts = arrayDataset({ inputs: words, inputShape: [5], labels });
const pictures = arrayDataset({
  inputs: Float32Array.from(labels.flatMap((label) => Array.from({ length: 16 }, () => label + 0.3 * random.normal()))),
  inputShape: [4, 4, 1],
  labels,
});

test.each([
  ["text-mean", texts, () => textMean({ inputShape: [5], classes: 3, vocabulary: 9, width: 8 })],
  ["text-transformer", texts, () => textTransformer({ inputShape: [5], classes: 3, vocabulary: 9, width: 8, depth: 1, heads: 2 })],
  ["vit", pictures, () => vit({ inputShape: [4, 4, 1], classes: 3, patch: 2, width: 8, depth: 1, heads: 2 })],
] as const)("%s learns on wasm, where tfjs lacks a kernel for the gradient of every embedding", async (_id, data, build) => {
  const model = new Model(build()).initialise(createRandom(1));
  const recipe = { seed: 1, epochs: 20, batchSize: 8, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.02 } } as const;
  const { losses } = await train({ model, data, recipe, context: createContext(), phase: "training" });
  expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]);
});
