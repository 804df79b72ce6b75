import { concatenated } from "./bytes.ts";

/**
 * Deflate without a frame, for symbols that are worth an entropy code and little more: runs are found, other repetitions are not. In symbols
 * of nearly random order the longer matches that zlib finds by default cost more than they save (2 % of a snapshot of LeNet-5), and time.
 * Browsers offer no choice; what they write can be read here, and the other way round.
 */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const zlib = nodeZlib();
  if (zlib === undefined) return readUpTo(through(bytes, new CompressionStream("deflate-raw")), Infinity);
  const options = { strategy: zlib.constants.Z_RLE };
  if (bytes.length < worthAThread) return plain(zlib.deflateRawSync(bytes, options));
  return new Promise((resolve, reject) => {
    zlib.deflateRaw(bytes, options, (error, result) => (error ? reject(error) : resolve(plain(result))));
  });
}

/** The `length` bytes that were deflated; undefined where the bytes are no such thing. Memory is bounded by `length`, whatever the bytes say. */
export async function inflate(bytes: Uint8Array, length: number): Promise<Uint8Array | undefined> {
  const result = await inflateUpTo(bytes, length).catch(() => undefined);
  return result?.length === length ? result : undefined;
}

async function inflateUpTo(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const zlib = nodeZlib();
  if (zlib === undefined) return readUpTo(through(bytes, new DecompressionStream("deflate-raw")), length);
  // zlib takes no limit of 0; one byte too many is refused by the caller.
  const options = { maxOutputLength: Math.max(1, length) };
  if (length < worthAThread) return plain(zlib.inflateRawSync(bytes, options));
  return new Promise((resolve, reject) => {
    zlib.inflateRaw(bytes, options, (error, result) => (error ? reject(error) : resolve(plain(result))));
  });
}

/** A Buffer's own slice would share memory where everyone else's copies. */
function plain({ buffer, byteOffset, byteLength }: Bytes): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Bytes from which on the work is longer than handing it to another thread. */
const worthAThread = 8192;

type Bytes = Pick<Uint8Array, "buffer" | "byteOffset" | "byteLength">;
type Finished = (error: Error | null, result: Bytes) => void;

/** What is used of Node's zlib. */
interface Zlib {
  readonly constants: { readonly Z_RLE: number };
  deflateRawSync(bytes: Uint8Array, options: { readonly strategy: number }): Bytes;
  deflateRaw(bytes: Uint8Array, options: { readonly strategy: number }, finished: Finished): void;
  inflateRawSync(bytes: Uint8Array, options: { readonly maxOutputLength: number }): Bytes;
  inflateRaw(bytes: Uint8Array, options: { readonly maxOutputLength: number }, finished: Finished): void;
}

function nodeZlib(): Zlib | undefined {
  // Not an import: a bundler for browsers would follow it and fail.
  return globalThis.process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
}

function through(bytes: Uint8Array, transform: CompressionStream | DecompressionStream): ReadableStream<Uint8Array> {
  // The cast narrows away SharedArrayBuffer, which no caller here passes.
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(transform);
}

async function readUpTo(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length <= limit) continue;
    await reader.cancel();
    throw new Error(`More than ${limit} bytes.`);
  }
  return concatenated(parts);
}
