// @ts-check
import { arrayDataset, createRandom, Model } from "@lethe/core";
import { fashionSample } from "@lethe/datasets";
import { modelBuilders } from "@lethe/models";

/** A freshly initialised network of the zoo. @param {string} id @param {number[]} inputShape */
export function network(id, inputShape) {
  const builder = modelBuilders.find((each) => each.id === id);
  if (builder === undefined) throw new Error(`There is no model ${id}.`);
  return new Model(builder.build({ inputShape, classes: 10 })).initialise(createRandom(1));
}

/** Noise in the shape of CIFAR-10: the time of a pass does not depend on what the pictures show. @param {number} size */
export function noise(size) {
  const random = createRandom("noise");
  const inputs = Float32Array.from({ length: size * 32 * 32 * 3 }, () => random.normal());
  return arrayDataset({ inputs, inputShape: [32, 32, 3], labels: Array.from({ length: size }, (_, i) => i % 10), classCount: 10 });
}

export const fashion = async () => (await fashionSample()).train;
