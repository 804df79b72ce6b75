// @ts-check
import { chooseBackend } from "@lethe/backends";
import { createContext, createRandom, Model, prepare, selectForget, subset, train, unlearn } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { medianOfPairs } from "./pairs.mjs";
import { fashion, network } from "./problems.mjs";

/** As the demo trains its CNN. */
const recipe = /** @type {const} */ ({
  seed: 0,
  epochs: 8,
  batchSize: 32,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.005 },
});

/**
 * Retraining the demo's CNN without class 1 of the Fashion-MNIST sample, over answering the request; what is prepared once is not counted.
 *
 * @param {import("@lethe/core").AnyMethod} method
 */
export async function retrainOverRequest(method) {
  await chooseBackend();
  const data = await fashion();
  const start = network("small-cnn", [28, 28, 1]);
  /** @param {import("@lethe/core").Dataset} samples */
  const trained = async (samples) => (await train({ model: start, data: samples, recipe, context: createContext() })).weights;
  const weights = await trained(data);
  const model = start.copy(weights);
  const forgotten = new Set(selectForget(data, { class: 1 }, createRandom(0)));
  const retained = subset(
    data,
    Uint32Array.from(data.ids.keys()).filter((position) => !forgotten.has(position)),
  );
  const { artifact } = await prepare({ model, data, method });
  return medianOfPairs(
    async () => tf.dispose(/** @type {tf.TensorContainer} */ (/** @type {unknown} */ (await trained(retained)))),
    async () => {
      const result = await unlearn({ model, data, forget: { class: 1 }, method, artifact, recipe });
      new Model(result.model).dispose();
    },
    { pairs: 3, warmup: 0 },
  );
}
