import { LetheError } from "@lethe/core";
import { gunzip, isGzip } from "../gunzip.ts";

export interface ContentOptions {
  /** Name of the file, for errors. */
  readonly source?: string;
  /** A file that unpacks to more bytes is refused before more are unpacked. Default 1 GiB. */
  readonly mostBytes?: number;
}

export const defaultMostBytes = 2 ** 30;

/** V8 makes no longer strings; other engines are more generous. */
const longestText = 2 ** 29 - 24;

/**
 * The bytes of a file, unpacked if it is gzipped.
 *
 * @throws LetheError `data/bad-gzip`, `data/too-large`.
 */
export async function contentOf(bytes: Uint8Array, source: string, mostBytes = defaultMostBytes): Promise<Uint8Array> {
  const content = isGzip(bytes) ? await gunzip(bytes, source, mostBytes + 1) : bytes;
  expectNotTooLarge(content.length, source, mostBytes);
  return content;
}

/**
 * The text of a file, UTF-8 with or without a byte order mark, unpacked if it is gzipped.
 *
 * @throws LetheError `data/bad-gzip`, `data/too-large`, `data/bad-text`.
 */
export async function textOf(bytes: Uint8Array, source: string, mostBytes = defaultMostBytes): Promise<string> {
  const content = await contentOf(bytes, source, Math.min(mostBytes, longestText));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw new LetheError("data/bad-text", `${source} is not UTF-8 text; save it as UTF-8, or is it another kind of file?`, { source }, { cause });
  }
}

/** @throws LetheError `data/too-large`. */
export function expectNotTooLarge(bytes: number, source: string, mostBytes: number): void {
  if (bytes <= mostBytes) return;
  throw new LetheError("data/too-large", `${source} holds more than ${mostBytes} bytes; if you trust it, raise mostBytes, else cut it into parts.`, {
    source,
    mostBytes,
    found: bytes,
  });
}

/** @throws LetheError `data/truncated`. */
export function expectBytes(bytes: Uint8Array, expected: number, source: string, purpose: string): void {
  if (bytes.length >= expected) return;
  throw new LetheError("data/truncated", `${source} has ${bytes.length} bytes where ${expected} are needed ${purpose}; fetch it again.`, {
    source,
    expected,
    found: bytes.length,
  });
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
