import { readdir } from "node:fs/promises";
import { readManifest } from "@lethe/bench";
import { isLetheError } from "@lethe/core";
import { UsageError } from "../../command-line/usage-error.ts";
import { derivedNames } from "./derived.ts";

const ownNames: ReadonlySet<string> = new Set(["runs", "audits", "experiment.yaml", "failures.json", "manifest.json", ...derivedNames]);

/**
 * Results go into a folder of their own: what is there already is theirs too, or stays untouched.
 *
 * @throws UsageError `cli/output-exists` where the folder holds another experiment, or files but no results.
 */
export async function expectResultsFolder(folder: string, experiment: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code !== "ENOTDIR") throw error;
    throw new UsageError("cli/output-exists", `${folder} is a file; choose another --out.`, { path: folder });
  });
  const earlier = await nameOf(folder);
  if (earlier === experiment) return;
  if (earlier !== undefined) {
    const sentence = `${folder} holds the results of another experiment, ${earlier}; choose another --out.`;
    throw new UsageError("cli/output-exists", sentence, { path: folder, experiment: earlier });
  }
  const foreign = names.filter((name) => !ownNames.has(name) && !name.startsWith("."));
  if (foreign.length === 0) return;
  const sentence = `${folder} holds other files than results, such as ${foreign[0]}; choose another --out.`;
  throw new UsageError("cli/output-exists", sentence, { path: folder, foreign });
}

/** Undefined where nothing is finished. */
async function nameOf(folder: string): Promise<string | undefined> {
  try {
    return (await readManifest(folder)).name;
  } catch (error) {
    // A damaged manifest is written anew.
    if (isLetheError(error) && error.code.startsWith("results/")) return undefined;
    throw error;
  }
}
