import { presence, recogniseData, verifyData, type CatalogueEntry, type VerifiedFile } from "@lethe/datasets/files";
import { LetheError } from "@lethe/core";
import { join, resolve } from "node:path";
import type { Report } from "../../command-line/command.ts";
import { exitCodes } from "../../command-line/exit-codes.ts";
import { interruptible } from "../../command-line/interruption.ts";
import { plural } from "../../terminal/format.ts";
import type { View } from "../../terminal/view.ts";
import type { DataRequest } from "../data.ts";
import { entryOf, folderOf, nameOf } from "./named.ts";
import { sumTable } from "./sums.ts";

export async function verifyOne(request: DataRequest): Promise<Report> {
  const { entry, folder } = await placeOf(request, nameOf(request, "verify"));
  const { signal } = request.session.environment;
  const files = await interruptible("The check was interrupted.", () => verifyData(entry, folder, signal));
  const intact = files.every(({ verdict }) => verdict === "ok");
  return {
    data: { name: entry.name, folder, verdict: intact ? "intact" : "damaged", files },
    text: (view) => describe(entry, folder, files, view),
    exitCode: intact ? exitCodes.ok : exitCodes.input,
  };
}

interface Place {
  readonly entry: CatalogueEntry;
  readonly folder: string;
}

/** A name stands for its folder among the data; a path for whichever data set has its files there. */
async function placeOf(request: DataRequest, given: string): Promise<Place> {
  const isPath = /[\\/]/.test(given) || given === ".";
  if (!isPath) {
    const entry = entryOf(given);
    const folder = join(folderOf(request), entry.name);
    if ((await presence(entry, folder)) !== "absent") return { entry, folder };
    throw new LetheError("data/not-fetched", `${entry.name} is not in ${folderOf(request)}; get it by: lethe data get ${entry.name}`, { name: given, folder });
  }
  const folder = resolve(request.session.environment.cwd, given);
  const entry = await recogniseData(folder, request.session.environment.signal);
  if (entry !== undefined) return { entry, folder };
  throw new LetheError("data/unknown-source", `${folder} holds no files of a data set that Lethe knows; lethe data list shows them.`, { path: folder });
}

function describe({ name }: CatalogueEntry, folder: string, files: readonly VerifiedFile[], view: View): string {
  const { style } = view;
  const wrong = files.filter(({ verdict }) => verdict !== "ok").length;
  const sentence =
    wrong === 0
      ? `${style.green("✓")} ${style.bold(name)}: every file has the sum on record`
      : `${style.red("✗")} ${style.bold(name)}: ${plural(wrong, "file")} of ${files.length} ${wrong === 1 ? "is" : "are"} not as on record; ${view.lethe} data get ${name} mends it`;
  return [sentence, style.dim(`  ${folder}`), "", sumTable(files, view)].join("\n");
}
