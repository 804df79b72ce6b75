import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { copyContents } from "@lethe/bench";
import { LetheError, type ContentStorage } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import { UsageError } from "../../command-line/usage-error.ts";
import type { ChosenMethod } from "../../methods/option.ts";
import { isThere } from "../../runs/folder.ts";
import { destroyRecording, recordingIn } from "../../runs/recording.ts";
import { requestFolder } from "../../runs/work.ts";
import type { Request } from "./answer.ts";

/** A copy of a recording, which a request may change and destroy parts of. */
export interface LentRecording {
  readonly storage: ContentStorage;
  /** What was copied, and is left as it is. */
  readonly original: string;
  /** The folder in which the copy lies. */
  readonly work: string;
}

/** A method that has to watch the training answers from what it recorded there. */
function needsRecording({ method }: ChosenMethod): boolean {
  return method.needs.trace === "required";
}

/**
 * Does work on a copy of the run's recording, for a method that needs one, and leaves nothing of the copy behind that the work has not saved.
 *
 * @throws LetheError `run/not-recorded`, `file/disk-full`, `run/aborted`; UsageError `cli/conflict`; and what the work throws.
 */
export async function withRecording<Value>(
  { run, chosen, given, folder }: Request,
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
  body: (recording: LentRecording | undefined) => Promise<Value>,
): Promise<Value> {
  const { id } = chosen.method;
  if (!needsRecording(chosen)) {
    const odd = given.recording !== undefined ? "recording" : given["destroy-recording"] ? "destroy-recording" : undefined;
    if (odd === undefined) return body(undefined);
    throw new UsageError("cli/conflict", `${id} works without a recording of the training; leave out --${odd}.`, { option: odd });
  }
  const original = given.recording === undefined ? recordingIn(run.folder, id) : resolve(cwd, given.recording);
  if (!(await isThere(original))) throw notRecorded(given.method, original);
  const work = requestFolder(folder);
  // What a killed request left contains what it was to make forgotten.
  await discard(work);
  try {
    const copy = recordingIn(work, id);
    await copied(original, copy, signal);
    return await body({ storage: await folderStorage(copy), original, work });
  } finally {
    await discard(work);
  }
}

async function copied(from: string, to: string, signal: AbortSignal): Promise<void> {
  try {
    await copyContents(from, to, signal);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    const sentence = `There is no room for a copy of ${from}, on which the request would work; free some space, or choose another --out.`;
    throw new LetheError("file/disk-full", sentence, { path: to, system: code }, { cause: error });
  }
}

async function discard(work: string): Promise<void> {
  const entries = await readdir(work, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await destroyRecording(join(work, entry.name));
  await rm(work, { recursive: true, force: true });
}

function notRecorded(method: string, path: string): LetheError {
  const sentence = `${method} has to watch the training, and there is no recording ${path}; train again with lethe train --record ${method}, or name a recording with --artifact and --recording.`;
  return new LetheError("run/not-recorded", sentence, { method, path });
}
