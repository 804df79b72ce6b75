import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { LetheError, isLetheError } from "../errors/index.ts";
import { decodeModelFiles, encodeModelFiles, isJsonObject, loadNetwork, parseJsonBytes, saveNetwork, saveResult } from "../io/index.ts";
import { readFolderChecked, type FolderReader } from "./folder-reader.ts";
import { writeFolderAtomic } from "./atomic-folder.ts";

/**
 * Saves a network as the standard layers-model folder: `model.json`, its weight files of at most 4 MiB, and `lethe-checksums.json`. It loads
 * with every tfjs, in Node and in the browser. An earlier model in the folder is replaced as a whole, or not at all.
 *
 * Metadata set by `network.setUserDefinedMetadata` is saved along; the optimiser is not.
 *
 * @throws LetheError `model/non-finite`, `file/foreign-files`, `file/disk-full`, `file/not-writable`, `file/write-failed`.
 *
 * @example
 * await saveModel(network, "models/digits");
 * const copy = await loadModel("models/digits");
 */
export async function saveModel(network: tf.LayersModel, folder: string): Promise<void> {
  await saveNetwork(network, modelFolder(folder));
}

/**
 * Loads a saved layers model, whoever wrote it: Lethe, tfjs in Node or in the browser, or the converter from Keras. Quantized weights become
 * float32. The folder's checksums are compared where it has them.
 *
 * @param path the folder, or its JSON file under any name.
 * @throws LetheError `model/not-found`, `model/bad-json`, `model/graph-model`, `model/not-a-layers-model`, `model/no-weights`,
 * `model/bad-manifest`, `model/unsafe-path`, `model/unsupported-weight-type`, `model/missing-shard`, `model/weights-size-mismatch`,
 * `model/checksum`, `model/unknown-class`, `model/not-loadable`, `model/non-finite`, `file/not-readable`, `file/read-failed`.
 */
export async function loadModel(path: string): Promise<tf.LayersModel> {
  path = withoutScheme(path);
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    () => path.endsWith(".json"),
  );
  const [folder, entry] = isFile ? [dirname(path), basename(path)] : [path, "model.json"];
  return loadNetwork(modelFolder(folder, entry), path);
}

/**
 * The tfjs handler behind {@link saveModel} and {@link loadModel}, for `network.save` with an optimiser and for `tf.loadLayersModel`.
 *
 * @param entry the JSON file to load; saving always writes `model.json`.
 */
export function modelFolder(path: string, entry = "model.json"): tf.io.IOHandler {
  const folder = withoutScheme(path);
  return {
    save: async (artifacts) => {
      await writeFolderAtomic(folder, encodeModelFiles(artifacts), { replaces: await earlierShards(folder) });
      return saveResult(artifacts);
    },
    load: () => readFolderChecked(folder, (reader) => decodeModelFiles((name) => readModelFile(reader, name), folder, entry)),
  };
}

/** tfjs-node asks for `file://` before a path; here it may stand there. */
function withoutScheme(path: string): string {
  return path.replace(/^file:\/\//, "");
}

async function readModelFile(folder: FolderReader, name: string): Promise<Uint8Array | undefined> {
  try {
    return await folder.read(name);
  } catch (error) {
    if (!isLetheError(error)) throw error;
    if (error.code === "file/not-found") return undefined;
    if (error.code === "file/checksum") throw new LetheError("model/checksum", error.message, error.details, { cause: error });
    throw error;
  }
}

/** The weight files of the model that is now in `folder`; tfjs may have cut it into other files than Lethe will. */
async function earlierShards(folder: string): Promise<readonly string[]> {
  try {
    const json = await readFolderChecked(folder, async (reader) => parseJsonBytes(await reader.read("model.json")));
    const groups = isJsonObject(json) && Array.isArray(json.weightsManifest) ? (json.weightsManifest as unknown[]) : [];
    return groups.flatMap((group) => (isJsonObject(group) && Array.isArray(group.paths) ? group.paths.map(String) : []));
  } catch {
    return []; // No model there, or one too damaged to say; then writeFolderAtomic asks about each file.
  }
}
