// @ts-check
import * as tf from "@tensorflow/tfjs";
import { chooseBackend } from "@lethe/backends";
import { createContext, train } from "@lethe/core";
import { median } from "./pairs.mjs";
import { fashion, network, noise } from "./problems.mjs";

/** Images per second of Lethe's own training loop, batch 32, SGD with momentum; median of `rounds` after one to warm up. @param {string} id */
export async function imagesPerSecond(id, rounds = 5) {
  await chooseBackend();
  const small = id === "small-cnn";
  const data = small ? await fashion() : noise(256);
  const model = network(id, small ? [28, 28, 1] : [32, 32, 3]);
  const context = createContext();
  /** @type {import("@lethe/core").Recipe} */
  const recipe = { seed: 1, epochs: 1, batchSize: 32, optimiser: { kind: "sgd", momentum: 0.9 }, schedule: { kind: "constant", rate: 1e-3 } };
  const rates = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const { weights } = await train({ model, data, recipe, context });
    const seconds = (performance.now() - start) / 1000;
    tf.dispose([weights.parameters, weights.buffers]);
    if (round > 0) rates.push(data.size / seconds);
  }
  return { value: median(rates), min: Math.min(...rates), max: Math.max(...rates) };
}
