import type * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";
import { isCountArray, isJsonObject, type JsonObject } from "./json.ts";
import { isPathInside } from "./relative-path.ts";

/** One group of a checked manifest: its shards, end to end, hold its weights, end to end. */
export interface WeightsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
  /** The bytes that the weights need. */
  readonly bytes: number;
}

const elementBytes: ReadonlyMap<unknown, number> = new Map([
  ["float32", 4],
  ["int32", 4],
  ["bool", 1],
]);

const quantizedBytes: ReadonlyMap<unknown, number> = new Map([
  ["uint8", 1],
  ["uint16", 2],
  ["float16", 2],
]);

/**
 * Checks the `weightsManifest` of a model.json.
 *
 * @throws LetheError `model/no-weights`, `model/bad-manifest`, `model/unsafe-path`, `model/unsupported-weight-type`.
 */
export function readWeightsManifest(manifest: unknown, source: string): readonly WeightsGroup[] {
  if (manifest === undefined || manifest === null) {
    // tfjs would go on with random weights.
    throw new LetheError("model/no-weights", `${source} describes layers but names no weights; save the model again together with its weights.`, {
      source,
    });
  }
  if (!Array.isArray(manifest)) throw badManifest(source, "it is not an array of groups");
  const groups = manifest.map((group: unknown) => readGroup(group, source));
  const seen = new Set<string>();
  for (const { name } of groups.flatMap(({ weights }) => weights)) {
    if (seen.has(name)) throw badManifest(source, `it lists the weight ${name} twice`);
    seen.add(name);
  }
  return groups;
}

function readGroup(group: unknown, source: string): WeightsGroup {
  if (!isJsonObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
    throw badManifest(source, "a group lacks paths or weights");
  const paths = group.paths.map((path: unknown) => readPath(path, source));
  const sizes = group.weights.map((weight: unknown) => weightBytes(weight, source));
  const bytes = sizes.reduce((total, size) => total + size, 0);
  if (!Number.isSafeInteger(bytes)) throw badManifest(source, "its weights have more elements than can be counted");
  // Every field that is read later was checked just above.
  return { paths, weights: group.weights as tf.io.WeightsManifestEntry[], bytes };
}

function readPath(path: unknown, source: string): string {
  if (typeof path !== "string") throw badManifest(source, "a shard path is not text");
  if (isPathInside(path)) return path;
  const sentence = `${source} names the weight file ${path}, which is not inside the model's folder; put it there and correct the path.`;
  throw new LetheError("model/unsafe-path", sentence, { source, path });
}

function weightBytes(weight: unknown, source: string): number {
  if (!isJsonObject(weight) || typeof weight.name !== "string" || weight.name === "__proto__")
    throw badManifest(source, "a weight has no usable name");
  const { name, shape } = weight;
  if (!isCountArray(shape)) throw badManifest(source, `the shape of ${name} is not an array of non-negative integers`);
  return shape.reduce((count, size) => count * size, bytesPerElement(name, weight, source));
}

function bytesPerElement(name: string, { dtype, quantization }: JsonObject, source: string): number {
  const plain = elementBytes.get(dtype);
  if (plain === undefined) throw unsupportedType(name, dtype, source);
  if (quantization === undefined) return plain;
  if (!isJsonObject(quantization)) throw badManifest(source, `the quantization of ${name} is not an object`);
  const quantized = quantizedBytes.get(quantization.dtype);
  const target = quantization.dtype === "float16" ? ["float32"] : ["float32", "int32"];
  if (quantized === undefined || !target.includes(dtype as string))
    throw unsupportedType(name, `${dtype} quantized as ${quantization.dtype}`, source);
  if (quantization.dtype !== "float16" && !(Number.isFinite(quantization.min) && Number.isFinite(quantization.scale))) {
    throw badManifest(source, `the quantization of ${name} lacks min or scale`);
  }
  return quantized;
}

function unsupportedType(name: string, type: unknown, source: string): LetheError {
  const sentence = `The weight ${name} of ${source} has the type ${String(type)}; layers hold float32, int32 and bool, plain or quantized to uint8, uint16 or float16.`;
  return new LetheError("model/unsupported-weight-type", sentence, { source, name, type });
}

function badManifest(source: string, fact: string): LetheError {
  return new LetheError("model/bad-manifest", `The weights manifest of ${source} cannot be used: ${fact}; save or convert the model again.`, {
    source,
  });
}
