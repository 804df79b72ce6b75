import { open, type FileHandle } from "node:fs/promises";
import { LetheError } from "@lethe/core";
import { unreadable } from "./unreadable.ts";

/** Records of one length that lie one after the other in a file. */
export interface RecordFile {
  readonly path: string;
  /** Bytes before the first record. */
  readonly start: number;
  /** Bytes of a record. */
  readonly stride: number;
  readonly count: number;
  /** Of the file as it was opened; it must not change while it is in use. */
  readonly bytes: number;
  readonly modified: number;
}

/** Bytes that are read at once, where records stand side by side. */
const mostAtOnce = 2 ** 20;

/** The first bytes of a file, fewer where it is shorter, and its size. @throws LetheError `data/unreadable`. */
export async function readStart(
  path: string,
  bytes: number,
): Promise<{ readonly start: Uint8Array; readonly bytes: number; readonly modified: number }> {
  return withFile(path, async (handle) => {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error("it is no file");
    return { start: await readAt(handle, 0, Math.min(bytes, stats.size)), bytes: stats.size, modified: stats.mtimeMs };
  });
}

/**
 * Reads records in any order, those that stand side by side together.
 *
 * @param use is given the record at `positions[index]`; the bytes are its own only until it returns.
 * @throws LetheError `data/unreadable`, `data/changed` where the file is not the one that was opened.
 */
export async function readRecords(file: RecordFile, positions: ArrayLike<number>, use: (record: Uint8Array, index: number) => void): Promise<void> {
  const { path, start, stride } = file;
  const order = Uint32Array.from({ length: positions.length }, (_, index) => index).toSorted((a, b) => positions[a] - positions[b]);
  const longest = Math.max(1, Math.floor(mostAtOnce / stride));
  await withFile(path, async (handle) => {
    await expectUnchanged(handle, file);
    for (let first = 0; first < order.length;) {
      const from = positions[order[first]];
      let end = first + 1;
      while (end < order.length && positions[order[end]] - positions[order[end - 1]] <= 1 && positions[order[end]] - from < longest) end++;
      const bytes = await readAt(handle, start + from * stride, (positions[order[end - 1]] - from + 1) * stride);
      for (; first < end; first++) {
        const at = (positions[order[first]] - from) * stride;
        use(bytes.subarray(at, at + stride), order[first]);
      }
    }
  });
}

async function expectUnchanged(handle: FileHandle, { path, bytes, modified }: RecordFile): Promise<void> {
  const stats = await handle.stat();
  if (stats.size === bytes && stats.mtimeMs === modified) return;
  throw new LetheError("data/changed", `${path} has changed since it was opened; leave it as it is while it is in use, and begin again.`, { path });
}

async function withFile<Value>(path: string, use: (handle: FileHandle) => Promise<Value>): Promise<Value> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    return await use(handle);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle?.close();
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const { bytesRead } = await handle.read(bytes, read, length - read, offset + read);
    if (bytesRead === 0) throw new Error(`it ends after ${offset + read} bytes`);
    read += bytesRead;
  }
  return bytes;
}
