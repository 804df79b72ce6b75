import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { catalogue } from "./entries.ts";
import type { CatalogueEntry } from "./entry.ts";
import { originName } from "./origin-file.ts";
import { presence, verifyData } from "./verify.ts";

/**
 * The data set whose files lie in a folder: the one it says itself, or else the one most of whose files are right, and of equals the one that lacks fewer;
 * undefined where none is there.
 */
export async function recogniseData(folder: string, signal?: AbortSignal): Promise<CatalogueEntry | undefined> {
  const name = await statedName(folder);
  const stated = catalogue.find((entry) => entry.name === name);
  if (stated !== undefined) return stated;
  let best: { readonly entry: CatalogueEntry; readonly right: number; readonly missing: number } | undefined;
  for (const entry of catalogue) {
    // MNIST and Fashion-MNIST differ in nothing but their sums.
    if ((await presence(entry, folder)) === "absent") continue;
    const verdicts = (await verifyData(entry, folder, signal)).map(({ verdict }) => verdict);
    const right = verdicts.filter((verdict) => verdict === "ok").length;
    // The one file of ag-news-small is one of two of ag-news.
    const missing = verdicts.filter((verdict) => verdict === "missing").length;
    if (best === undefined || right > best.right || (right === best.right && missing < best.missing)) best = { entry, right, missing };
  }
  return best?.entry;
}

async function statedName(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(join(folder, originName), "utf8")) as { readonly name?: unknown } | null)?.name;
  } catch {
    return undefined; // Files may lie there without a word about them.
  }
}
