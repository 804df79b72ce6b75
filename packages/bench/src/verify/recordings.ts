import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, parseJsonBytes } from "@lethe/core";
import type { FolderReader } from "@lethe/core/files";
import { checksumOf, type Contents } from "../store/contents.ts";
import type { VerifiedFile } from "./verify-folder.ts";

/** A file of a run that lists what is in the folder of the same name: what a method recorded of the training. */
const listing = /^(recorded-[\w-]+)\.json$/;

/**
 * Compares the recordings of a run with their lists, which stand among the files of the run. Files are read piece by piece. A recording that is gone as a whole was
 * destroyed or moved on purpose, and is no failure: the model does not need it.
 */
export async function verifyRecordings({ path: folder, read }: FolderReader, names: readonly string[]): Promise<readonly VerifiedFile[]> {
  const verified: VerifiedFile[] = [];
  for (const name of names) {
    const [, recording] = listing.exec(name) ?? [];
    const contents = recording === undefined ? undefined : await contentsIn(read(name));
    if (recording === undefined || contents === undefined) continue;
    if (await isThere(join(folder, recording))) {
      for (const [file, expected] of Object.entries(contents)) verified.push(await verifiedFile(folder, `${recording}/${file}`, expected));
    } else {
      const message = `${recording} was destroyed or moved away; the model does not need it.`;
      verified.push({ path: `${recording}/`, verdict: "missing", failure: false, message });
    }
  }
  return verified;
}

/** @returns undefined for a list that is damaged, which has been told. */
async function contentsIn(reading: Promise<Uint8Array>): Promise<Contents | undefined> {
  try {
    const contents = parseJsonBytes(await reading);
    return isJsonObject(contents) ? (contents as unknown as Contents) : undefined;
  } catch {
    return undefined;
  }
}

async function verifiedFile(folder: string, path: string, { bytes, sha256 }: Contents[string]): Promise<VerifiedFile> {
  if (!(await isThere(join(folder, path)))) return { path, verdict: "missing", failure: true, message: `${path} is listed and not there.` };
  const found = await checksumOf(join(folder, path));
  if (found.sha256 === sha256) return { path, verdict: "ok", failure: false, message: "" };
  const fact = found.bytes === bytes ? `the SHA-256 ${found.sha256} instead of ${sha256}` : `${found.bytes} bytes instead of ${bytes}`;
  return { path, verdict: "changed", failure: true, message: `${path} has ${fact}.` };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
