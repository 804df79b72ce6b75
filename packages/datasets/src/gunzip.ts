import { LetheError } from "@lethe/core";

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip; see {@link decompress}. The gzip checksum is verified only when the end is reached.
 *
 * @param source name of the file, for the error.
 * @throws LetheError `data/bad-gzip`.
 */
export async function gunzip(bytes: Uint8Array, source: string, enough = Infinity): Promise<Uint8Array> {
  try {
    return await decompress(bytes, "gzip", enough);
  } catch (cause) {
    throw new LetheError("data/bad-gzip", `${source} is not an intact gzip file; fetch it again.`, { source }, { cause });
  }
}

/**
 * Unpacks gzip or zlib ("deflate"), in Node and in browsers. Throws what the platform throws.
 *
 * Stops once `enough` bytes are there, so that a small file which unpacks to something huge is never held whole. At most one chunk more than
 * `enough` bytes may be returned.
 */
export async function decompress(bytes: Uint8Array, format: "gzip" | "deflate", enough = Infinity): Promise<Uint8Array> {
  // The cast narrows away SharedArrayBuffer, which no caller here passes.
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const reader = packed.stream().pipeThrough(new DecompressionStream(format)).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < enough) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  await reader.cancel();
  return concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
