import { LetheError, type Dataset } from "@lethe/core";
import { listDatasets } from "@lethe/datasets";
import { dataFolder, namedData, openData } from "@lethe/datasets/files";
import type { Part } from "./source-kind.ts";

/** Names that stand for data without further words: those that come with Lethe, and those of the catalogue. */
function sourceNames(): readonly string[] {
  return [...listDatasets().map(({ id }) => id), ...namedData.map(({ name }) => name)];
}

/**
 * Fetched data are looked for in the folder `LETHE_DATA`, or else in `.lethe/data` of the working folder, so that a name means the same on every machine.
 *
 * @param fileKinds the other ways of naming data, for the error.
 * @throws LetheError `data/unknown-source`, `data/not-fetched`, and what opening throws.
 */
export async function openNamed(name: string, part: Part, fileKinds: readonly string[]): Promise<Dataset> {
  const embedded = listDatasets().find(({ id }) => id === name);
  if (embedded !== undefined) return (await embedded.load())[part];
  if (namedData.some((each) => each.name === name)) return openData(name, part, dataFolder({ variables: process.env, cwd: process.cwd() }));
  const ids = sourceNames().join(", ");
  throw new LetheError("data/unknown-source", `There is no data set ${name}; there are ${ids}, and files as ${fileKinds.join(", ")}.`, {
    source: name,
    known: ids,
  });
}
