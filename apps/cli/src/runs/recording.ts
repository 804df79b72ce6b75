import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { contentsOf, type Contents } from "@lethe/bench";
import { folderStorage, writeFileAtomic } from "@lethe/core/files";
import { isThere, saveRun, type SavedRun } from "./folder.ts";
import { decodeManifest, encodeManifest, manifestName } from "./manifest.ts";
import { readIfThere } from "./read.ts";
import { recordingName } from "./recording-names.ts";
import { requestFolder, workFolder } from "./work.ts";

/** The folder in a run folder, or in one where work is done, with what a recorder left beside its artifact. */
export function recordingIn(folder: string, methodId: string): string {
  return join(folder, recordingName(methodId));
}

/** What a recording holds, to be listed in its run: snapshots too large to be copied into the list's own folder by way of memory. */
export async function listRecording(work: string, methodId: string): Promise<Contents> {
  return (await contentsOf(recordingIn(work, methodId))) ?? {};
}

/**
 * Saves a run with the recording that lies in the folder where it was worked on, in two steps, as the recording is moved and not copied: the run, then the move.
 * Where a program is killed between them, {@link settle} takes the second.
 */
export async function saveRecordedRun(
  folder: string,
  work: string,
  run: SavedRun & { readonly recording: { readonly method: string } },
): Promise<void> {
  await writeFileAtomic(join(work, manifestName), encodeManifest(run.manifest));
  await saveRun(folder, run);
  await rename(recordingIn(work, run.recording.method), recordingIn(folder, run.recording.method));
  await rm(work, { recursive: true, force: true });
}

/** Ends what a program was killed in: moves a recording to where its run is already saved. To be called before a run is opened. */
export async function settle(folder: string): Promise<void> {
  for (const work of [workFolder(folder), requestFolder(folder)]) {
    const saved = await readIfThere(join(work, manifestName));
    const there = await readIfThere(join(folder, manifestName));
    // The same bytes, times included: another training may have come to the same weights.
    if (saved === undefined || there === undefined || !sameBytes(saved, there)) continue;
    const { recorded } = decodeManifest(there, join(folder, manifestName));
    if (recorded === undefined) continue;
    const [from, to] = [work, folder].map((place) => recordingIn(place, recorded.method));
    if (await isThere(from)) await rename(from, to);
    await rm(work, { recursive: true, force: true });
  }
}

/** Destroys every file of a recording, as thoroughly as its storage can. */
export async function destroyRecording(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  const storage = await folderStorage(path);
  for (const name of await storage.names()) await storage.remove(name);
  await rm(path, { recursive: true, force: true });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
