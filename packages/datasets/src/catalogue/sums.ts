import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Sum } from "./entry.ts";

/** The sum of a file's content, read piece by piece. */
export async function sumOf(path: string, algorithm: Sum["algorithm"], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest("hex");
}
