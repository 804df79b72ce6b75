import { encodeSafetensors, isJsonObject, jsonObjectOf, type JsonObject } from "../io/index.ts";
import { concatenated, digest, digestBytes, hexadecimal, sameBytes } from "./bytes.ts";
import { damaged } from "./errors.ts";
import { isLayout, type Layout } from "./snapshot-bits.ts";
import type { TrajectoryStorage } from "./storage.ts";

/** What a snapshot's file says about it. */
export interface Description {
  readonly index: number;
  /** Index of the kept snapshot before it, with which it is stored as differences unless it has a layout; -1 for the first. */
  readonly since: number;
  readonly epoch: number;
  readonly step: number;
  readonly lossSum: number;
  readonly key: string;
  /** The block of training data that it ends, where training goes by blocks. */
  readonly block?: number;
  /** Bytes of every tensor's stream. */
  readonly lengths: readonly number[];
  /** Where the streams are more than one file takes: how many of their bytes each file has, the last one fewer. */
  readonly bytesPerFile?: number;
  /** Whether the list of samples is followed by that of the forgotten ones of which something may be left. */
  readonly residue?: true;
  /** Only where the snapshot is stored by itself. */
  readonly layout?: Layout;
}

/** The beginning of a snapshot's file: all but the streams, guarded by a checksum. */
export interface Front {
  readonly description: Description;
  /** SHA-256 of every tensor's bits, one after the other. */
  readonly checksums: Uint8Array;
  /** Deflated bits of the samples that shaped it since the snapshot before, and of those that left a residue. */
  readonly samples: Uint8Array;
  /** Where the streams begin in the file. */
  readonly streamsAt: number;
}

/** A snapshot as files: the first one begins with the front, the others hold what is left of the streams. */
export interface EncodedSnapshot {
  readonly first: Uint8Array;
  readonly parts: readonly Uint8Array[];
  readonly streamsAt: number;
}

const format = "lethe-trajectory-snapshot-1";
const lengthBytes = 8;
/** One read fetches the whole front of most snapshots. */
const firstRead = 16_384;
/** A header of names and numbers is never longer: a greater length is damage, and not to be allocated. */
const maximumFront = 2 ** 28;

/**
 * A safetensors file of three byte tensors: `checksums` `[1 + t, 32]`, `samples`, `streams`. The first row of the checksums is the SHA-256 of
 * everything before the streams, itself taken as zeros; the others are those of the t tensors before they were encoded. Any tensor can
 * so be read, and checked, without the rest. What is more than `bytesPerFile` of the streams goes on in files of plain bytes.
 */
export async function encodeSnapshot(
  description: Description,
  checksums: Uint8Array,
  samples: Uint8Array,
  streams: readonly Uint8Array[],
): Promise<EncodedSnapshot> {
  const [stream, ...parts] = cut(streams, description.bytesPerFile ?? Infinity);
  const first = encodeSafetensors(
    {
      checksums: { shape: [1 + streams.length, digestBytes], values: concatenated([new Uint8Array(digestBytes), checksums]) },
      samples: { shape: [samples.length], values: samples },
      streams: { shape: [stream.length], values: stream },
    },
    { format, snapshot: JSON.stringify(description) },
  );
  const streamsAt = first.length - stream.length;
  first.set(await digest(first.subarray(0, streamsAt)), dataStartOf(first));
  return { first, parts, streamsAt };
}

/** All bytes in order, in pieces of a length, the last one shorter. */
function cut(streams: readonly Uint8Array[], length: number): Uint8Array[] {
  const pieces: Uint8Array[][] = [[]];
  let room = length;
  for (const stream of streams) {
    for (let at = 0; at < stream.length;) {
      if (room === 0) {
        pieces.push([]);
        room = length;
      }
      const piece = stream.subarray(at, Math.min(stream.length, at + room));
      pieces.at(-1)!.push(piece);
      at += piece.length;
      room -= piece.length;
    }
  }
  return pieces.map(concatenated);
}

/**
 * Reads and checks the front of a snapshot's file. Once its checksum agrees, the rest of it is what was written.
 *
 * @throws LetheError `trajectory/damaged`, and what the storage throws.
 */
export async function readFront(storage: TrajectoryStorage, file: string): Promise<Front> {
  const first = await storage.read(file, { begin: 0, end: firstRead });
  const upTo = async (end: number) => {
    if (end > maximumFront) throw damaged(file, `its header claims ${end} bytes`);
    const bytes = end <= first.length ? first.slice(0, end) : await storage.read(file, { begin: 0, end });
    if (bytes.length < end) throw damaged(file, `it is cut short after ${bytes.length} bytes`);
    return bytes;
  };
  const dataStart = dataStartOf(await upTo(lengthBytes));
  const header = readHeader(await upTo(dataStart), file);
  const bytes = await upTo(dataStart + header.frontEnd);
  await expectSealed(bytes, dataStart, file);
  const description = descriptionOf(header, file);
  return {
    description,
    checksums: bytes.slice(dataStart + digestBytes, dataStart + header.checksumsEnd),
    samples: bytes.slice(dataStart + header.checksumsEnd),
    streamsAt: bytes.length,
  };
}

/** Where each stream begins, and where the last one ends, as if all files of the snapshot were one. */
export function streamOffsets({ description, streamsAt }: Front): readonly number[] {
  const offsets = [streamsAt];
  for (const length of description.lengths) offsets.push(offsets.at(-1)! + length);
  return offsets;
}

/** Content address of a snapshot: what `hashTree` gives of its tensors, whatever form they are stored in. */
export async function contentHash(layout: Layout, checksums: Uint8Array): Promise<string> {
  const lines = layout.map(([name, type, shape], i) => {
    const hash = hexadecimal(checksums.subarray(i * digestBytes, (i + 1) * digestBytes));
    return `${name}\t${shape.join("x")}\t${type === "F32" ? "Float32Array" : "Int32Array"}\t${hash}`;
  });
  return hexadecimal(await digest(new TextEncoder().encode(lines.join("\n"))));
}

/** The data of a safetensors file begins behind the length of its header and the header. */
function dataStartOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes);
  return lengthBytes + view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
}

interface Header {
  readonly metadata: JsonObject;
  readonly checksumsEnd: number;
  readonly frontEnd: number;
}

/** Reads no more of the header than is needed to find what to check it with. */
function readHeader(bytes: Uint8Array, file: string): Header {
  const header = jsonObjectOf(new TextDecoder().decode(bytes.subarray(lengthBytes)));
  const metadata = header?.["__metadata__"];
  const checksumsEnd = endOf(header?.["checksums"]);
  const frontEnd = endOf(header?.["samples"]);
  const ordered = checksumsEnd !== undefined && frontEnd !== undefined && digestBytes <= checksumsEnd && checksumsEnd <= frontEnd;
  if (!ordered || !isJsonObject(metadata) || metadata["format"] !== format) {
    throw damaged(file, "its header is not that of a snapshot of this version");
  }
  return { metadata, checksumsEnd, frontEnd };
}

function endOf(entry: unknown): number | undefined {
  const offsets = isJsonObject(entry) ? entry["data_offsets"] : undefined;
  const end: unknown = Array.isArray(offsets) ? offsets[1] : undefined;
  return Number.isSafeInteger(end) ? (end as number) : undefined;
}

async function expectSealed(front: Uint8Array, dataStart: number, file: string): Promise<void> {
  const seal = front.slice(dataStart, dataStart + digestBytes);
  const unsealed = front.slice().fill(0, dataStart, dataStart + digestBytes);
  if (!sameBytes(await digest(unsealed), seal)) throw damaged(file, "its description does not agree with its checksum");
}

function descriptionOf({ metadata, checksumsEnd }: Header, file: string): Description {
  const text = metadata["snapshot"];
  const description = jsonObjectOf(typeof text === "string" ? text : undefined);
  if (description === undefined || !isDescription(description)) throw damaged(file, "its description is not complete");
  if (checksumsEnd !== (1 + description.lengths.length) * digestBytes) throw damaged(file, "it lacks checksums");
  return description;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isDescription(value: JsonObject): value is JsonObject & Description {
  const { index, since, epoch, step, lossSum, key, block, lengths, layout, bytesPerFile, residue } = value;
  return (
    [index, epoch, step].every(isCount) &&
    (since === -1 || isCount(since)) &&
    (since as number) < (index as number) &&
    typeof lossSum === "number" &&
    typeof key === "string" &&
    (block === undefined || isCount(block)) &&
    Array.isArray(lengths) &&
    lengths.every(isCount) &&
    (bytesPerFile === undefined || (isCount(bytesPerFile) && bytesPerFile > 0)) &&
    (residue === undefined || residue === true) &&
    (layout === undefined ? since !== -1 : isLayout(layout) && layout.length === lengths.length)
  );
}
