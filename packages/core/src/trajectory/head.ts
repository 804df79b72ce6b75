import { decodeSafetensors, encodeSafetensors, isJsonObject, jsonObjectOf, parseJsonBytes } from "../io/index.ts";
import { LetheError, isLetheError } from "../errors/index.ts";
import { sha256 } from "../tree/index.ts";
import { concatenated } from "./bytes.ts";

/** From the snapshot of this index on, up to the next segment's, the files of this generation are the ones that count. */
export interface Segment {
  readonly from: number;
  readonly generation: number;
}

/** What holds for a trajectory as a whole. Replacing it is the one moment at which a deletion happens or does not. */
export interface Head {
  /** Ids of the samples that provenance speaks of; `null` where one was forgotten. */
  readonly ids: readonly (string | null)[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly segments: readonly Segment[];
  /** Of the snapshots, those whose index is a multiple of it are kept, and the last. */
  readonly stride: number;
  readonly keyFrameEvery: number;
  readonly budget?: { readonly bytes: number };
  /** Of streams. */
  readonly bytesPerFile: number;
}

export const headFile = "trajectory.safetensors";

const format = "lethe-trajectory-1";

export async function encodeHead({ ids, ...rest }: Head): Promise<Uint8Array> {
  const table = new TextEncoder().encode(JSON.stringify(ids));
  const head = JSON.stringify(rest);
  return encodeSafetensors({ ids: { shape: [table.length], values: table } }, { format, head, sha256: await checksum(head, table) });
}

/** @throws LetheError `trajectory/damaged`, `trajectory/unsupported-version`. */
export async function decodeHead(bytes: Uint8Array): Promise<Head> {
  const { tensors, metadata } = safetensors(bytes);
  const { format: found, head: text, sha256: expected } = metadata;
  if (found !== format && found?.startsWith("lethe-trajectory-")) {
    const sentence = `${headFile} has the format ${found} where this release knows ${format}; install a newer release of Lethe.`;
    throw new LetheError("trajectory/unsupported-version", sentence, { file: headFile, format: found });
  }
  const table = tensors["ids"]?.values;
  if (found !== format || text === undefined || !(table instanceof Uint8Array)) throw damagedHead("it is not the head of a trajectory");
  if ((await checksum(text, table)) !== expected) throw damagedHead("its content does not agree with its checksum");
  const head = { ...jsonObjectOf(text), ids: parseJsonBytes(table) };
  if (!isHead(head)) throw damagedHead("it is not complete");
  return head;
}

export function generationAt(segments: readonly Segment[], index: number): number | undefined {
  return segments.findLast(({ from }) => from <= index)?.generation;
}

function safetensors(bytes: Uint8Array): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes, headFile);
  } catch (error) {
    throw isLetheError(error) ? damagedHead("it is no safetensors file", error) : error;
  }
}

/** Without its head a trajectory does not say which of its files count. */
function damagedHead(fact: string, cause?: unknown): LetheError {
  const sentence = `${headFile} is damaged (${fact}); restore it from a copy, or record the trajectory again in a new place.`;
  return new LetheError("trajectory/damaged", sentence, { file: headFile, fact }, { cause });
}

async function checksum(head: string, table: Uint8Array): Promise<string> {
  return sha256(concatenated([new TextEncoder().encode(head), Uint8Array.of(0), table]));
}

function isHead(value: Readonly<Record<string, unknown>>): value is Head & Readonly<Record<string, unknown>> {
  const { ids, metadata, segments, stride, keyFrameEvery, budget, bytesPerFile } = value;
  return (
    Array.isArray(ids) &&
    ids.every((id) => id === null || typeof id === "string") &&
    isJsonObject(metadata) &&
    Array.isArray(segments) &&
    segments.every((segment) => isJsonObject(segment) && isWhole(segment["from"], 0) && isWhole(segment["generation"], 0)) &&
    isWhole(stride, 1) &&
    isWhole(keyFrameEvery, 1) &&
    isWhole(bytesPerFile, 1) &&
    (budget === undefined || (isJsonObject(budget) && typeof budget["bytes"] === "number"))
  );
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
