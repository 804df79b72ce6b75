import { decodeSafetensors, encodeSafetensors, parseJsonBytes, type Files, type HostTree } from "@lethe/core";

/** Bytes of JSON that a person can read too. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A small object of a stored folder; it was written by the same version, so its form is known. */
export function decodeJson<Value>(files: Files, name: string): Value {
  return parseJsonBytes(files[name]) as Value;
}

export function encodeTensors(tensors: HostTree): Uint8Array {
  return encodeSafetensors(tensors);
}

export function decodeTensors(files: Files, name: string): HostTree {
  return decodeSafetensors(files[name], name).tensors;
}
