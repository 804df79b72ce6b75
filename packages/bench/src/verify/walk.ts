import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Files below a folder that are not among the known ones, by path with `/`. A subfolder in which nothing is known, such as a cache that somebody keeps there, is
 * named once, with a `/` at the end, and not entered.
 *
 * @param enter subfolders to enter in any case.
 */
export async function unlistedFiles(folder: string, known: ReadonlySet<string>, enter: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (prefix: string): Promise<void> => {
    const entries = await readdir(join(folder, prefix), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = prefix + entry.name;
      if (!entry.isDirectory()) {
        if (!known.has(path)) found.push(path);
      } else if ([...enter, ...known].some((each) => each.startsWith(`${path}/`))) {
        await walk(`${path}/`);
      } else {
        found.push(`${path}/`);
      }
    }
  };
  await walk("");
  return found;
}
