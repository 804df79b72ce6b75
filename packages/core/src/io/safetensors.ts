import { LetheError } from "../errors/index.ts";
import type { HostArray, HostTensor, HostTree } from "../tree/index.ts";
import { readTypes, writtenTypes } from "./element-types.ts";
import { isCountArray } from "./json.ts";
import { badShape, byteCount, checkName, isWellFormed, lengthBytes, maximumHeaderBytes, metadataName, readHeader } from "./safetensors-header.ts";
import type { HeaderEntry } from "./safetensors-header.ts";

export interface SafetensorsContent {
  readonly tensors: HostTree;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Host tensors as the bytes of a safetensors file: header length (8 bytes, little-endian), JSON header, row-major little-endian data.
 *
 * The header lists the tensors in the order of the tree, so that reading gives the same order back; the data is laid out by falling element
 * size behind a padded header, so that every tensor is aligned to its elements. Metadata is sorted by key. Equal content gives equal bytes.
 * Float64, float32, int32 and uint8 arrays are written as F64, F32, I32 and U8; NaN and infinities are kept bit for bit.
 *
 * @param metadata strings of the writer's choice, for example JSON texts: content hashes, versions, options.
 * @throws LetheError `safetensors/bad-shape`, `safetensors/bad-name`, `safetensors/bad-metadata`,
 * `safetensors/unsupported-type`, `safetensors/header-too-large`.
 * @see {@link https://huggingface.co/docs/safetensors | the format}
 *
 * @example
 * const bytes = encodeSafetensors({ "dense/kernel": { shape: [2, 1], values: Float32Array.of(1, 2) } }, { seed: "7" });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * tensors["dense/kernel"].values; // Float32Array [1, 2]
 * metadata.seed; // "7"
 */
export function encodeSafetensors(tree: HostTree, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  const entries = layOut(tree);
  const header = encodeHeader(entries, metadata);
  const dataStart = lengthBytes + header.byteLength;
  const dataBytes = entries.reduce((total, { begin, end }) => total + end - begin, 0);
  const bytes = new Uint8Array(dataStart + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  bytes.set(header, lengthBytes);
  for (const { name, begin } of entries) {
    const { values } = tree[name];
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataStart + begin);
  }
  return bytes;
}

/**
 * Reads the bytes of a safetensors file. The tensors own their memory: nothing refers to `bytes` afterwards.
 *
 * F64, F32, I32 and U8 come back as they were written. F16 and BF16 widen to float32; I8, I16 and U16 to int32; I64, U64 and U32 become
 * int32 where every value fits; BOOL stays bytes, 0 or 1.
 *
 * @param source names the bytes in errors, for example the path they were read from.
 * @throws LetheError `safetensors/truncated`, `safetensors/bad-header`, `safetensors/duplicate-name`, `safetensors/bad-name`,
 * `safetensors/bad-shape`, `safetensors/size-mismatch`, `safetensors/overlap`, `safetensors/hole`, `safetensors/unsupported-type`,
 * `safetensors/out-of-range` (an integer that int32 cannot hold).
 */
export function decodeSafetensors(bytes: Uint8Array, source = "the safetensors data"): SafetensorsContent {
  const { entries, metadata, dataStart } = readHeader(bytes, source);
  const tensors = Object.fromEntries(
    entries.map((entry): [string, HostTensor] => {
      const data = bytes.subarray(dataStart + entry.begin, dataStart + entry.end);
      return [entry.name, { shape: entry.shape, values: readValues(entry, data, source) }];
    }),
  );
  return { tensors, metadata };
}

function layOut(tree: HostTree): readonly HeaderEntry[] {
  const source = "the tree to be written";
  const tensors = Object.entries(tree).map(([name, { shape, values }]) => {
    checkName(name, source);
    if (name === metadataName)
      throw new LetheError("safetensors/bad-name", `The format keeps the name ${name} for itself; rename the tensor.`, { name });
    const type = writtenTypes.get(values[Symbol.toStringTag]);
    if (type === undefined) {
      const sentence = `The tensor ${name} is a ${values[Symbol.toStringTag]}; make it one of ${[...writtenTypes.keys()].join(", ")}.`;
      throw new LetheError("safetensors/unsupported-type", sentence, { name });
    }
    if (!isCountArray(shape) || byteCount(shape, values.BYTES_PER_ELEMENT) !== values.byteLength) {
      throw badShape(name, shape, `cannot hold ${values.length} values; correct one of the two`, source);
    }
    return { name, type, shape, values };
  });
  const begins = new Map<string, number>();
  let end = 0;
  for (const { name, values } of tensors.toSorted((a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT)) {
    begins.set(name, end);
    end += values.byteLength;
  }
  return tensors.map(({ name, type, shape, values }) => {
    const begin = begins.get(name)!;
    return { name, type, shape, begin, end: begin + values.byteLength };
  });
}

function encodeHeader(entries: readonly HeaderEntry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const keys = Object.keys(metadata).toSorted();
  for (const key of keys) {
    checkName(key, "the metadata to be written");
    if (typeof metadata[key] === "string" && isWellFormed(metadata[key])) continue;
    throw new LetheError("safetensors/bad-metadata", `The metadata value of ${key} is not well-formed text; make it a string first.`, { key });
  }
  const content = Object.fromEntries([
    ...(keys.length === 0 ? [] : [[metadataName, Object.fromEntries(keys.map((key) => [key, metadata[key]]))]]),
    ...entries.map(({ name, type, shape, begin, end }) => [name, { dtype: type, shape, data_offsets: [begin, end] }]),
  ]) as unknown;
  const text = new TextEncoder().encode(JSON.stringify(content));
  const bytes = Math.ceil(text.byteLength / 8) * 8;
  if (bytes > maximumHeaderBytes) {
    const sentence = `The header would take ${bytes} bytes of at most ${maximumHeaderBytes}; write less metadata, or several files.`;
    throw new LetheError("safetensors/header-too-large", sentence, { bytes, limit: maximumHeaderBytes });
  }
  const padded = new Uint8Array(bytes).fill(0x20);
  padded.set(text);
  return padded;
}

function readValues({ name, type, shape }: HeaderEntry, data: Uint8Array, source: string): HostArray {
  // Copied byte by byte: data may start anywhere in its buffer, and a Node Buffer's own slice would share memory.
  const owned = new Uint8Array(data.byteLength);
  owned.set(data);
  const values = readTypes.get(type)!.read(owned.buffer);
  if (values === undefined) {
    const sentence = `The tensor ${name} of ${source} holds ${type} values that do not fit into int32; convert it to I32 or F64 first.`;
    throw new LetheError("safetensors/out-of-range", sentence, { source, name, type, shape });
  }
  return values;
}
