/**
 * Formats, as pure functions between bytes and what they stand for, in the browser as in Node: safetensors for trees of host tensors, and the
 * `model.json` with weight files of tfjs for networks. Nothing here touches a disk; `@lethe/core/files` does.
 */
export { decodeSafetensors, encodeSafetensors, type SafetensorsContent } from "./safetensors.ts";
export { float32Values } from "./float32-values.ts";
export { decodeModelFiles, encodeModelFiles, type Files, type ReadFile } from "./model-files.ts";
export { checkFiniteWeights, filesInMemory, loadNetwork, saveNetwork, saveResult } from "./network.ts";
export { isPathInside } from "./relative-path.ts";
export { isJsonObject, jsonObjectOf, parseJsonBytes, type JsonObject } from "./json.ts";
