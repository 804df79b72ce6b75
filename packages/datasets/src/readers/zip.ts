import { LetheError } from "@lethe/core";
import { inflateSync } from "fflate";
import { defaultMostBytes, expectNotTooLarge, viewOf, type ContentOptions } from "./content.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const longestComment = 0xffff;
/** Deflate makes at most 258 bytes of 2 bits. */
const deflateRatio = 1032;

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly localStart: number;
}

export interface ZipOptions extends ContentOptions {
  /** Unpack these files only. Default: all. */
  readonly only?: readonly string[];
}

/**
 * The files in a zip archive by name, stored or deflated, in the order of its directory. Nothing is allocated for a file that its packed bytes
 * could not make, and every checksum is verified.
 *
 * @throws LetheError `data/bad-zip` (also for archives above 4 GB, in several parts or encrypted), `data/too-large` (of all files together).
 */
export function readZip(bytes: Uint8Array, options: ZipOptions = {}): ReadonlyMap<string, Uint8Array> {
  const { source = "the zip archive", mostBytes = defaultMostBytes, only } = options;
  const entries = readDirectory(bytes, source).filter(({ name }) => only?.includes(name) ?? true);
  expectNotTooLarge(
    entries.reduce((sum, entry) => sum + entry.bytes, 0),
    source,
    mostBytes,
  );
  return new Map(entries.map((entry) => [entry.name, unpack(bytes, entry, source)]));
}

function readDirectory(bytes: Uint8Array, source: string): ZipEntry[] {
  const view = viewOf(bytes);
  const end = findEnd(view, source);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + entryBytes > end || view.getUint32(at, true) !== entrySignature) throw malformed(source, "its directory is damaged");
    const nameLength = view.getUint16(at + 28, true);
    const next = at + entryBytes + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw malformed(source, "its directory is damaged");
    if ((view.getUint16(at + 8, true) & 1) === 1) throw malformed(source, "it is encrypted");
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + entryBytes, at + entryBytes + nameLength)),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      localStart: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

function findEnd(view: DataView, source: string): number {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - longestComment); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  throw malformed(source, "it has no directory; it is cut off, or another kind of file");
}

function unpack(bytes: Uint8Array, entry: ZipEntry, source: string): Uint8Array {
  const { name, method, packedBytes, localStart } = entry;
  const view = viewOf(bytes);
  if (localStart + localBytes > bytes.length || view.getUint32(localStart, true) !== localSignature) throw damaged(name, source);
  const start = localStart + localBytes + view.getUint16(localStart + 26, true) + view.getUint16(localStart + 28, true);
  if (start + packedBytes > bytes.length) throw damaged(name, source);
  const packed = bytes.subarray(start, start + packedBytes);
  if (method !== 0 && method !== 8) throw malformed(source, `${name} is packed by method ${method}; only stored and deflated files can be read`);
  const content = method === 0 ? packed : inflate(packed, entry, source);
  if (content.length !== entry.bytes || crc32(content) !== entry.checksum) throw damaged(name, source);
  return content;
}

function inflate(packed: Uint8Array, { name, bytes }: ZipEntry, source: string): Uint8Array {
  if (bytes > packed.length * deflateRatio) throw damaged(name, source);
  try {
    // Given a buffer, fflate does not grow it; what does not fit is lost, and the checksum shows it.
    return inflateSync(packed, { out: new Uint8Array(bytes) });
  } catch (cause) {
    throw damaged(name, source, cause);
  }
}

/** The checksum of zip and gzip: polynomial edb88320, reflected. */
function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
  let sum = 0xffffffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

function damaged(name: string, source: string, cause?: unknown): LetheError {
  return new LetheError("data/bad-zip", `${name} in ${source} is damaged; fetch the archive again.`, { source, name }, { cause });
}

function malformed(source: string, reason: string): LetheError {
  return new LetheError("data/bad-zip", `${source} is no zip archive that can be read: ${reason}.`, { source, reason });
}
