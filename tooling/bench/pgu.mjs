// @ts-check
import { chooseBackend } from "@lethe/backends";
import { collectLogits, createContext, inputMoments } from "@lethe/core";
import * as tf from "@tensorflow/tfjs";
import { medianOfPairs } from "./pairs.mjs";
import { network, noise } from "./problems.mjs";

/** The second moments of all layers' inputs over a forward pass; what is done once at the end is spread over four batches. @param {string} id */
export async function prepareOverForward(id) {
  await chooseBackend();
  const data = noise(128);
  const model = network(id, [32, 32, 3]);
  const options = () => ({ batchSize: 32, phase: "benchmark", context: createContext() });
  return medianOfPairs(
    () => inputMoments(model, data, { ...options(), stride: "unit" }),
    () => collectLogits(model, data, options()),
    { pairs: 3, warmup: 1 },
  );
}

/**
 * A step of projected descent over the same step without projection, on the ResNet-8 with the default tau; statistics of noise, whose spectrum is flat, protect
 * four fifths of every layer. @returns the median over pairs of epochs of two batches
 */
export async function projectedStepOverStep() {
  await chooseBackend();
  const data = noise(128);
  const model = network("resnet8", [32, 32, 3]);
  const [{ descendEpoch }, { projectionOut }, { protectedSubspace }, { packMoments }] = await Promise.all(
    ["epoch", "projection", "subspace", "statistics"].map(
      (name) => import(new URL(`../../packages/methods/pgu/dist/${name}.js`, import.meta.url).href),
    ),
  );
  const context = createContext();
  const { moments } = await inputMoments(model, data, { batchSize: 64, phase: "benchmark", stride: "layer", context });
  /** @type {Record<string, { apply(residual: unknown): unknown; dispose(): void }>} */
  const projections = {};
  for (const { kernel, dimension, values } of moments) {
    const subspace = await protectedSubspace(packMoments(values, 1, dimension), dimension, 0.8, "subset");
    projections[kernel] = projectionOut(subspace, model.parameters[kernel].shape, "dense");
  }
  const free = Object.fromEntries(Object.keys(projections).map((kernel) => [kernel, { apply: tf.clone, dispose: () => undefined }]));
  const kernels = Object.fromEntries(Object.keys(projections).map((kernel) => [kernel, model.parameters[kernel]]));
  const settings = { objective: "forget", offset: 0.05, entropyWeight: 0.2, weightDecay: 0, batchSize: 64, dropout: "off" };
  const options = { ...settings, rate: 0.1, order: Array.from(data.ids.keys()), phase: "benchmark" };
  /** @param {typeof projections} through */
  const epoch = async (through) => {
    const result = await descendEpoch(model, kernels, through, data, options, context);
    tf.dispose(result.kernels);
  };
  return medianOfPairs(
    () => epoch(projections),
    () => epoch(free),
    { pairs: 9, warmup: 1 },
  );
}
