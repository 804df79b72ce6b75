import { resolve } from "node:path";
import { LetheError } from "@lethe/core";
import { UsageError } from "../command-line/usage-error.ts";
import { readManifest } from "../runs/folder.ts";
import type { RunManifest } from "../runs/manifest.ts";

/**
 * The folder of the model from before the first request: the one the user names, or else the one that the runs in between name.
 *
 * @param run the unlearned run as the user wrote it.
 * @throws UsageError `cli/missing-option` where the chain of folders is broken.
 */
export async function findOriginal(run: string, manifest: RunManifest, named: string | undefined, cwd: string): Promise<string> {
  if (named !== undefined) return resolve(cwd, named);
  let folder = resolve(cwd, run);
  for (const request of manifest.lineage.toReversed()) {
    if (request.source === null) break;
    folder = resolve(folder, request.source);
    const before = await readManifest(folder).catch(() => undefined);
    if (before === undefined ? "builder" in manifest.model : before.weights !== request.from) break;
    if (request === manifest.lineage[0]) return folder;
  }
  throw new UsageError("cli/missing-option", `The model that ${run} was made from is no longer where it was; name it with --original.`, {
    option: "original",
  });
}

/** @throws LetheError `run/nothing-forgotten`, `run/other-original`. */
export function expectMadeFrom(run: string, manifest: RunManifest, original: string, before: RunManifest): void {
  const [first] = manifest.lineage;
  if (first === undefined)
    throw new LetheError("run/nothing-forgotten", `${run} has not forgotten anything yet; run lethe unlearn on it first.`, { path: run });
  if (first.from === before.weights && before.lineage.length === 0) return;
  throw new LetheError("run/other-original", `${run} was not made from ${original}; give the model from before its first request.`, {
    run,
    original,
    expected: first.from,
    found: before.weights,
  });
}
