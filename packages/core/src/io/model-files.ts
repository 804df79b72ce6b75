import type * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { isJsonObject, parseJsonBytes, type JsonObject } from "./json.ts";
import { readWeightsManifest, type WeightsGroup } from "./weights-manifest.ts";

/** Files of one folder, by name. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** The whole content of the file at a path relative to the model's folder, or undefined where there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** The size at which tfjs cuts weight files, so that browsers can cache them. */
const shardBytes = 4 * 1024 * 1024;

/**
 * The files of a saved layers model: `model.json` and `weights.bin`, or `group1-shard1of3.bin`, ... where the weights exceed 4 MiB.
 *
 * @throws LetheError `model/not-a-layers-model` (no JSON topology), `model/bad-manifest`, `model/unsupported-weight-type`,
 * `model/weights-size-mismatch`: what could not be read again is not written.
 *
 * @example
 * const files = encodeModelFiles(artifacts);
 * const same = await decodeModelFiles(async (path) => files[path], "the files");
 */
export function encodeModelFiles(artifacts: tf.io.ModelArtifacts): Files {
  const { modelTopology, weightSpecs = [], weightData } = artifacts;
  if (!isJsonObject(modelTopology) || modelTopology instanceof ArrayBuffer) {
    throw new LetheError("model/not-a-layers-model", "The artifacts to be saved hold no layers; save a tf.LayersModel.");
  }
  const data = joinBuffers(weightData === undefined ? [] : [weightData].flat());
  const shards = cutShards(data);
  const weightsManifest = [{ paths: [...shards.keys()], weights: weightSpecs }];
  checkWeightData(weightsManifest, data.byteLength);
  const json = {
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy,
    modelTopology,
    trainingConfig: artifacts.trainingConfig,
    userDefinedMetadata: artifacts.userDefinedMetadata,
    weightsManifest,
  };
  return { "model.json": new TextEncoder().encode(JSON.stringify(json)), ...Object.fromEntries(shards) };
}

/**
 * Reads a saved layers model: any number of groups and shards, plain or quantized weights.
 *
 * @param source names the model in errors: its folder or address.
 * @param entry the name of the JSON file.
 * @throws LetheError `model/not-found`, `model/bad-json`, `model/graph-model`, `model/not-a-layers-model`, `model/no-weights`,
 * `model/bad-manifest`, `model/unsafe-path`, `model/unsupported-weight-type`, `model/missing-shard`, `model/weights-size-mismatch`.
 */
export async function decodeModelFiles(read: ReadFile, source: string, entry = "model.json"): Promise<tf.io.ModelArtifacts> {
  const bytes = await read(entry);
  if (bytes === undefined)
    throw new LetheError("model/not-found", `${source} holds no ${entry}; give the folder of a saved model.`, { source, entry });
  const json = readModelJson(bytes, `${entry} of ${source}`);
  const groups = readWeightsManifest(json.weightsManifest, `${entry} of ${source}`);
  const data: Uint8Array[] = [];
  for (const group of groups) data.push(...(await readShards(group, read, source)));
  const { modelTopology, format, generatedBy, convertedBy, trainingConfig, userDefinedMetadata } = json as Partial<tf.io.ModelJSON>;
  return {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    trainingConfig,
    userDefinedMetadata,
    weightSpecs: groups.flatMap(({ weights }) => weights),
    // One buffer, because tfjs 4.22 reads zeros from the far end of a list whose last buffer is larger than the others.
    weightData: joinBuffers(data).buffer,
  };
}

function readModelJson(bytes: Uint8Array, source: string): JsonObject {
  let json: unknown;
  try {
    json = parseJsonBytes(bytes);
  } catch (cause) {
    throw new LetheError("model/bad-json", `${source} is not JSON; the file is damaged, fetch or save it again.`, { source }, { cause });
  }
  const topology = isJsonObject(json) ? json.modelTopology : undefined;
  if (!isJsonObject(json) || !isJsonObject(topology)) throw notLayersModel(source, "it has no modelTopology");
  if (json.format === "graph-model" || Array.isArray(topology.node)) {
    const sentence = `${source} is a graph model, whose operations have no trainable layers; convert the original again as a layers model (tfjs_layers_model).`;
    throw new LetheError("model/graph-model", sentence, { source });
  }
  // Files older than tfjs 1.0 state no format.
  if (json.format !== undefined && json.format !== "layers-model") throw notLayersModel(source, `its format is ${JSON.stringify(json.format)}`);
  return json;
}

async function readShards({ paths, weights, bytes }: WeightsGroup, read: ReadFile, source: string): Promise<Uint8Array[]> {
  const shards: Uint8Array[] = [];
  for (const path of paths) {
    const shard = await read(path);
    if (shard === undefined) {
      const sentence = `The weight file ${path} of ${source} is missing; copy every file of the model into one folder.`;
      throw new LetheError("model/missing-shard", sentence, { source, path });
    }
    shards.push(shard);
  }
  const found = shards.reduce((total, shard) => total + shard.byteLength, 0);
  if (found === bytes) return shards;
  const sentence =
    `The weight files ${paths.join(", ")} of ${source} hold ${found} bytes where ${weights.length} weights need ${bytes}; ` +
    (found < bytes ? "a file is cut short, fetch or save it again." : "they belong to another model, bring the matching files together.");
  throw new LetheError("model/weights-size-mismatch", sentence, { source, paths, bytes: found, needed: bytes });
}

function cutShards(data: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const count = Math.ceil(data.byteLength / shardBytes);
  if (count <= 1) return new Map([["weights.bin", data]]);
  return new Map(
    Array.from({ length: count }, (_, i) => [`group1-shard${i + 1}of${count}.bin`, data.subarray(i * shardBytes, (i + 1) * shardBytes)]),
  );
}

function checkWeightData(manifest: tf.io.WeightsManifestConfig, found: number): void {
  const [{ bytes }] = readWeightsManifest(manifest, "the model to be saved");
  if (found === bytes) return;
  const sentence = `The weights of the model to be saved hold ${found} bytes where their shapes need ${bytes}; pass the artifacts as tf.LayersModel.save makes them.`;
  throw new LetheError("model/weights-size-mismatch", sentence, { bytes: found, needed: bytes });
}

function joinBuffers(parts: readonly (ArrayBuffer | ArrayBufferView)[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(ArrayBuffer.isView(part) ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  return joined;
}

function notLayersModel(source: string, fact: string): LetheError {
  return new LetheError(
    "model/not-a-layers-model",
    `${source} is not a layers model: ${fact}; give the model.json that tf.LayersModel.save writes.`,
    {
      source,
    },
  );
}
