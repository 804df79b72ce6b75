import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Contents } from "@lethe/bench";
import type * as tf from "@tensorflow/tfjs";
import { LetheError, encodeArtifact, isLetheError, type Artifact, type Files } from "@lethe/core";
import { checksumsName, loadModel, readFolderChecked, writeFolderAtomic } from "@lethe/core/files";
import { registerLayers } from "@lethe/models";
import { UsageError } from "../command-line/usage-error.ts";
import { artifactName, isArtifactName } from "./artifacts.ts";
import { decodeManifest, encodeManifest, manifestName, type RunManifest } from "./manifest.ts";
import { isRecordingName, listingName } from "./recording-names.ts";
import { workFolder } from "./work.ts";

/** All that one run folder holds. */
export interface SavedRun {
  /** `model.json` and its weight files. */
  readonly model: Files;
  readonly manifest: RunManifest;
  readonly artifact?: Artifact | undefined;
  /** What lies, or will lie, in the folder of the method's recording; `saveRecordedRun` puts it there. */
  readonly recording?: { readonly method: string; readonly contents: Contents } | undefined;
}

/** A run, or any other saved layers model; that has no manifest. */
export interface LoadedRun {
  readonly folder: string;
  /** The caller's. */
  readonly network: tf.LayersModel;
  readonly manifest: RunManifest | undefined;
}

/** Writes a whole run, or nothing. What an earlier run left in the folder goes; a stranger's file is refused. */
export async function saveRun(folder: string, { model, manifest, artifact, recording }: SavedRun): Promise<void> {
  const files: Files = {
    ...model,
    [manifestName]: encodeManifest(manifest),
    ...(artifact === undefined ? {} : { [artifactName(artifact.method)]: encodeArtifact(artifact) }),
    ...(recording === undefined ? {} : { [listingName(recording.method)]: encodeListing(recording.contents) }),
  };
  const names = await readdir(folder).catch(() => []);
  // What prepare added to the earlier run is in no list of checksums, nor is the folder of a recording.
  await writeFolderAtomic(folder, files, { replaces: names.filter((name) => isArtifactName(name) || isRecordingName(name, names)) });
}

function encodeListing(contents: Contents): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(contents, undefined, 2)}\n`);
}

/**
 * @throws LetheError `run/not-found`, `run/unfinished`, `run/bad-manifest`, and what `loadModel` throws.
 */
export async function loadRun(folder: string): Promise<LoadedRun> {
  registerLayers();
  if (await isThere(folder)) return { folder, manifest: await readManifest(folder), network: await loadModel(folder) };
  if (await isThere(workFolder(folder))) {
    throw new LetheError("run/unfinished", `The training for ${folder} is not finished; go on with lethe train --out ${folder} --resume.`, {
      path: folder,
    });
  }
  throw new LetheError("run/not-found", `There is no folder ${folder}; give one that lethe train or tfjs wrote.`, { path: folder });
}

/** The manifest of a run folder; undefined where the folder holds another kind of model. */
export async function readManifest(folder: string): Promise<RunManifest | undefined> {
  return readFolderChecked(folder, async (reader) => {
    try {
      return decodeManifest(await reader.read(manifestName), join(folder, manifestName));
    } catch (error) {
      if (isLetheError(error) && error.code === "file/not-found") return undefined;
      throw error;
    }
  });
}

/**
 * Whether a result may go to this folder, asked before the work rather than after.
 *
 * @throws UsageError `cli/output-exists` where the folder holds something and was not given up by `--overwrite`, or holds what no run wrote.
 */
export async function expectFree(folder: string, overwrite: boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return;
  if (!overwrite) {
    throw new UsageError("cli/output-exists", `${folder} is there already; choose another --out, or add --overwrite to replace it.`, {
      path: folder,
    });
  }
  const written = await readFolderChecked(folder, async ({ checksums }) => Object.keys(checksums?.files ?? {}));
  const foreign = names.filter(
    (name) => !written.includes(name) && name !== checksumsName && !isArtifactName(name) && !isRecordingName(name, written),
  );
  if (foreign.length === 0) return;
  throw new UsageError(
    "cli/output-exists",
    `${folder} also holds ${foreign[0]}, which lethe did not write and --overwrite would remove; choose another --out.`,
    {
      path: folder,
      foreign,
    },
  );
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
