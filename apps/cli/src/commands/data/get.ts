import { getData, programFetcher, type CatalogueEntry, type Gotten } from "@lethe/datasets/files";
import { resolve } from "node:path";
import type { Report } from "../../command-line/command.ts";
import { interruptible } from "../../command-line/interruption.ts";
import type { Session } from "../../session.ts";
import { bytes, duration } from "../../terminal/format.ts";
import type { View } from "../../terminal/view.ts";
import type { DataRequest } from "../data.ts";
import { entryOf, folderOf, nameOf, sizeOf } from "./named.ts";
import { sumTable } from "./sums.ts";

export async function getOne(request: DataRequest): Promise<Report> {
  const { session, options } = request;
  const { environment } = session;
  const given = nameOf(request, "get");
  const entry = entryOf(given);
  const started = performance.now();
  const gotten = await interruptible(`The fetching of ${entry.name} was interrupted; lethe data get ${given} goes on with what is there.`, () =>
    getData({
      entry,
      folder: folderOf(request),
      from: options.from === undefined ? undefined : resolve(environment.cwd, options.from),
      fetcher: programFetcher(environment),
      signal: environment.signal,
      onStep: stepsOn(session),
    }),
  ).finally(session.clear);
  const seconds = (performance.now() - started) / 1000;
  return { data: { name: entry.name, ...gotten, seconds }, text: (view) => describe(entry, given, gotten, seconds, view) };
}

/** Shows what is being done, and for how long. */
function stepsOn({ live }: Session): (sentence: string) => void {
  return (sentence) => {
    const since = performance.now();
    const line = () => `${sentence} · ${duration((performance.now() - since) / 1000)}`;
    live.show({ lines: ({ columns }) => [line().slice(0, columns)], line });
  };
}

function describe(entry: CatalogueEntry, given: string, { folder, status, files }: Gotten, seconds: number, view: View): string {
  const { style, lethe } = view;
  const how = { fetched: "fetched", brought: "put in place", "already-there": "there already" }[status];
  const usable = entry.inputs === "text" ? [] : ["", style.dim(`${lethe} train --data ${given} --out runs/${given}`)];
  return [
    `${style.green("✓")} ${style.bold(entry.name)} is ${how}, ${bytes(sizeOf(entry))} in ${duration(seconds)}; every file has the sum on record`,
    style.dim(`  ${folder}`),
    "",
    sumTable(files, view),
    ...usable,
  ].join("\n");
}
