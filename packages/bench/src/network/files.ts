import type * as tf from "@tensorflow/tfjs";
import { filesInMemory, loadNetwork, type Files } from "@lethe/core";
import { registerLayers } from "@lethe/models";

/** The files of a network, as they stand in a folder: `model.json` and its weights. */
export async function encodeNetwork(network: tf.LayersModel): Promise<Files> {
  const files: Record<string, Uint8Array> = {};
  await network.save(filesInMemory(files));
  return files;
}

/** The reverse of {@link encodeNetwork}, also in a worker that has built no network yet. */
export function decodeNetwork(files: Files): Promise<tf.LayersModel> {
  registerLayers();
  return loadNetwork(filesInMemory({ ...files }), "the files in memory");
}
