import * as tf from "@tensorflow/tfjs";
import { LetheError, isLetheError } from "../errors/index.ts";
import { decodeModelFiles, encodeModelFiles } from "./model-files.ts";

/**
 * Saves a network through any tfjs handler: a folder, a map of files, `"indexeddb://name"`.
 *
 * @throws LetheError `model/non-finite`, before anything is written, and whatever the handler throws.
 *
 * @example
 * const files: Record<string, Uint8Array> = {};
 * await saveNetwork(network, filesInMemory(files));
 * const copy = await loadNetwork(filesInMemory(files), "the model");
 */
export async function saveNetwork(network: tf.LayersModel, handler: tf.io.IOHandler | string): Promise<void> {
  await checkFiniteWeights(network, "the model to be saved");
  await network.save(handler);
}

/**
 * Loads a network through any tfjs handler, as `tf.loadLayersModel` does, with errors that say what to do.
 *
 * @param source names the model in errors.
 * @throws LetheError `model/unknown-class`, `model/not-loadable`, `model/non-finite`, and whatever the handler throws.
 */
export async function loadNetwork(handler: tf.io.IOHandler | string, source: string): Promise<tf.LayersModel> {
  let network: tf.LayersModel;
  try {
    network = await tf.loadLayersModel(handler);
  } catch (error) {
    throw isLetheError(error) ? error : describeLoadError(error, source);
  }
  try {
    await checkFiniteWeights(network, source);
    return network;
  } catch (error) {
    disposeNetwork(network);
    throw error;
  }
}

/**
 * A handler over a plain object of files: to move a model through a worker, an archive, a download, a test.
 *
 * @example
 * const files: Record<string, Uint8Array> = {};
 * await network.save(filesInMemory(files));
 * Object.keys(files); // ["model.json", "weights.bin"]
 * const copy = await tf.loadLayersModel(filesInMemory(files));
 */
export function filesInMemory(files: Record<string, Uint8Array>): tf.io.IOHandler {
  return {
    save: async (artifacts) => {
      Object.assign(files, encodeModelFiles(artifacts));
      return saveResult(artifacts);
    },
    load: () => decodeModelFiles(async (path) => (Object.hasOwn(files, path) ? files[path] : undefined), "the files in memory"),
  };
}

/** What tfjs expects a save handler to return. */
export function saveResult(artifacts: tf.io.ModelArtifacts): tf.io.SaveResult {
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** @throws LetheError `model/non-finite`, naming the first weight that holds NaN or an infinity. */
export async function checkFiniteWeights(network: tf.LayersModel, source: string): Promise<void> {
  for (const weight of network.weights) {
    const values = await weight.read().data();
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index === -1) continue;
    const name = weight.originalName;
    const sentence = `The weight ${name} of ${source} holds ${values[index]} at position ${index}; go back to a model from before it diverged.`;
    throw new LetheError("model/non-finite", sentence, { source, name, index });
  }
}

/** In place of `network.dispose`, which keeps the weights of a layer that the network applies twice. */
function disposeNetwork(network: tf.LayersModel): void {
  for (const weight of network.weights) weight.dispose();
  network.optimizer?.dispose();
}

function describeLoadError(error: unknown, source: string): LetheError {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown ([\w ]+): (\S+)\. This may be due to/.exec(message);
  if (unknown !== null) {
    const [, kind, name] = unknown;
    const sentence = `${source} uses the ${kind} ${name}, which this program does not know; call tf.serialization.registerClass(${name}) before loading.`;
    return new LetheError("model/unknown-class", sentence, { source, kind, name }, { cause: error });
  }
  const [fact] = message.split("\n");
  return new LetheError(
    "model/not-loadable",
    `${source} cannot be made into layers (${fact}); save or convert it again.`,
    { source },
    { cause: error },
  );
}
