import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LetheError, decodeSnapshot, encodeSnapshot, type TrainingSnapshot } from "@lethe/core";
import { writeFileAtomic } from "@lethe/core/files";
import { readIfThere } from "./read.ts";
import { decodeManifest, encodeManifest, manifestName, type RunManifest } from "./manifest.ts";

const checkpointName = "checkpoint.safetensors";

/**
 * Where an unfinished training lives: beside the folder that it will become, so that what stands there is complete, always, and an earlier
 * run stays until the new one is done.
 */
export function workFolder(folder: string): string {
  return join(dirname(folder), `${basename(folder)}.training`);
}

/** Where a request works on its copy of a recording, beside the folder that the result will have. */
export function requestFolder(folder: string): string {
  return join(dirname(folder), `${basename(folder)}.unlearning`);
}

export async function beginWork(folder: string, manifest: RunManifest): Promise<void> {
  await endWork(folder);
  await writeFileAtomic(join(workFolder(folder), manifestName), encodeManifest(manifest));
}

export async function saveCheckpoint(folder: string, snapshot: TrainingSnapshot): Promise<void> {
  await writeFileAtomic(join(workFolder(folder), checkpointName), encodeSnapshot(snapshot));
}

/**
 * @returns undefined where nothing is unfinished; the snapshot is undefined where training had not come as far as the first checkpoint.
 * @throws LetheError `run/bad-manifest`, `train/not-a-snapshot`, `safetensors/...`, `file/...`.
 */
export async function readWork(
  folder: string,
): Promise<{ readonly manifest: RunManifest; readonly snapshot: TrainingSnapshot | undefined } | undefined> {
  const work = workFolder(folder);
  const manifest = await readIfThere(join(work, manifestName));
  if (manifest === undefined) return undefined;
  const path = join(work, checkpointName);
  const snapshot = await readIfThere(path);
  return { manifest: decodeManifest(manifest, join(work, manifestName)), snapshot: snapshot && decodeSnapshot(snapshot, path) };
}

/** Removes everything, whatever a killed process left there too. */
export async function endWork(folder: string): Promise<void> {
  const work = workFolder(folder);
  try {
    await rm(work, { recursive: true, force: true });
  } catch (cause) {
    // Where no such folder can be, there is nothing to remove.
    if (cause instanceof Error && "code" in cause && cause.code === "ENOTDIR") return;
    throw new LetheError("file/not-writable", `${work} cannot be removed; check its permissions.`, { path: work }, { cause });
  }
}
