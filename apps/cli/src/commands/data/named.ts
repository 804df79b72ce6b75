import { LetheError } from "@lethe/core";
import { listDatasets } from "@lethe/datasets";
import { catalogue, dataFolder, namedData, type CatalogueEntry } from "@lethe/datasets/files";
import { closest } from "../../command-line/closest.ts";
import { UsageError } from "../../command-line/usage-error.ts";
import type { DataRequest } from "../data.ts";

/** The folder of all data. */
export function folderOf({ options, session: { environment } }: DataRequest): string {
  return dataFolder({ dir: options.dir, variables: environment.variables, cwd: environment.cwd });
}

/** @throws UsageError `cli/missing-operand`. */
export function nameOf({ name }: DataRequest, action: string): string {
  if (name !== undefined) return name;
  throw new UsageError("cli/missing-operand", `lethe data ${action} needs the name of a data set; lethe data list shows them.`, { operand: "name" });
}

/**
 * The entry whose files a name stands for: its own, or those that a part of it is taken from.
 *
 * @param others names that the action knows beside these
 * @throws LetheError `data/embedded` for what comes with Lethe, `data/unknown-source`.
 */
export function entryOf(name: string, others: readonly string[] = []): CatalogueEntry {
  const entry = catalogue.find((each) => each.name === (namedData.find((named) => named.name === name)?.entry ?? name));
  if (entry !== undefined) return entry;
  if (listDatasets().some(({ id }) => id === name)) {
    throw new LetheError("data/embedded", `${name} comes with Lethe; there is nothing to get, use it with --data ${name}.`, { name });
  }
  const known = [...new Set([...others, ...[...catalogue, ...namedData].map((each) => each.name)])];
  const similar = closest(name, known);
  const advice = similar === undefined ? `there are ${known.join(", ")}.` : `did you mean ${similar}?`;
  throw new LetheError("data/unknown-source", `There is no data set ${name}; ${advice}`, { name, known });
}

/** Bytes of all files. */
export function sizeOf({ files }: CatalogueEntry): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
