import { LetheError, sha256 } from "@lethe/core";
import { gunzip, isGzip } from "./gunzip.ts";
import type { DatasetInformation } from "./information.ts";
import { readBytes } from "./read-bytes.ts";

/** The three arrays of an embedded file; `positions` means what the data set's own page says. */
export interface EmbeddedContent {
  /** `[n, stride]` row-major. */
  readonly pixels: Uint8Array;
  /** `[n]`. */
  readonly labels: Uint8Array;
  /** `[n]`. */
  readonly positions: Uint16Array;
}

/**
 * Reads an embedded file and checks it before anything is made of it.
 *
 * @throws LetheError `data/unreadable`, `data/checksum` (both name the file).
 */
export async function loadEmbedded(url: URL, information: DatasetInformation): Promise<EmbeddedContent> {
  const { samples, stride } = information;
  const content = await unpack(await readBytes(url), information);
  const found = await sha256(content);
  if (found !== information.sha256) throw damaged(information, found);
  const positionsStart = samples * (stride + 1);
  const view = new DataView(content.buffer, content.byteOffset + positionsStart);
  return {
    pixels: content.subarray(0, samples * stride),
    labels: content.subarray(samples * stride, positionsStart),
    positions: Uint16Array.from({ length: samples }, (_, i) => view.getUint16(2 * i, true)),
  };
}

async function unpack(bytes: Uint8Array, information: DatasetInformation): Promise<Uint8Array> {
  // Some servers declare a .gz file as an encoding of its content, and the browser then unpacks it before we see it.
  if (!isGzip(bytes)) return bytes;
  try {
    return await gunzip(bytes, information.file);
  } catch (cause) {
    throw damaged(information, "none, for the file cannot be unpacked", cause);
  }
}

function damaged(information: DatasetInformation, found: string, cause?: unknown): LetheError {
  const { file, sha256: expected } = information;
  return new LetheError(
    "data/checksum",
    `The file ${file} of @lethe/datasets is damaged: its SHA-256 should be ${expected} and is ${found}. Install the package again.`,
    { file, expected, found },
    { cause },
  );
}
