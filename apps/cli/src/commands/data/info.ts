import { listDatasets } from "@lethe/datasets";
import { namedData, presence, type CatalogueEntry, type Origin } from "@lethe/datasets/files";
import { join } from "node:path";
import type { Report } from "../../command-line/command.ts";
import { facts } from "../../terminal/facts.ts";
import { bytes, count } from "../../terminal/format.ts";
import type { View } from "../../terminal/view.ts";
import type { DataRequest } from "../data.ts";
import { entryOf, folderOf, nameOf, sizeOf } from "./named.ts";

export async function infoOf(request: DataRequest): Promise<Report> {
  const name = nameOf(request, "info");
  const embedded = listDatasets().find(({ id }) => id === name);
  if (embedded !== undefined) {
    const { load, ...entry } = embedded;
    const { information } = await load();
    return { data: { ...entry, ...information, state: "built-in" }, text: (view) => describeEmbedded(information, view) };
  }
  const entry = entryOf(name, listDatasets().map(({ id }) => id));
  const folder = join(folderOf(request), entry.name);
  const state = await presence(entry, folder);
  const { origin, ...rest } = entry;
  return { data: { ...rest, get: origin.kind, folder, state }, text: (view) => describe(entry, folder, state, view) };
}

type Information = Awaited<ReturnType<ReturnType<typeof listDatasets>[number]["load"]>>["information"];

function describeEmbedded({ id, title, samples, classNames, licence, attribution, source, made }: Information, { style, columns }: View): string {
  return [
    `${style.bold(id)}  ${title}`,
    "",
    ...facts(
      [
        ["samples", count(samples)],
        ["classes", classNames.join(", ")],
        ["licence", licence],
        ["from", attribution],
        ["", source],
        ["made", made],
        ["use", `comes with Lethe: --data ${id}`],
      ],
      style,
      columns,
    ),
  ].join("\n");
}

function describe(entry: CatalogueEntry, folder: string, state: "here" | "incomplete" | "absent", { style, columns, lethe }: View): string {
  const { name, title, train, test, classes, inputs, licence, citation, homepage, origin } = entry;
  const words = { here: "here", incomplete: `incomplete; ${lethe} data get ${name} mends it`, absent: "not here" };
  const names = namedData.filter((named) => named.entry === name).map((named) => `--data ${named.name}`);
  return [
    `${style.bold(name)}  ${title}`,
    "",
    ...facts(
      [
        ["samples", `${count(train)} to train on, ${count(test)} to test on`],
        ["classes", String(classes)],
        ["inputs", inputs],
        ["licence", licence],
        ["paper", citation],
        ["", homepage],
        ["get", howToGet(entry, origin, lethe)],
        ["files", entry.files.map((file) => file.name).join(", ")],
        ["on disk", bytes(sizeOf(entry))],
        ["state", `${words[state]} ${style.dim(`(${folder})`)}`],
        ["use", names.length === 0 ? "text: turn it into numbers first, for instance a CSV file for --data csv:FILE" : names.join(", ")],
      ],
      style,
      columns,
    ),
  ].join("\n");
}

function howToGet({ name }: CatalogueEntry, origin: Origin, lethe: string): string {
  switch (origin.kind) {
    case "npm":
      return `${lethe} data get ${name}, the npm package ${origin.package} (${bytes(origin.bytes)})`;
    case "debian":
      return `${lethe} data get ${name}, the Debian package ${origin.package} (${bytes(origin.bytes)}); elsewhere with --from FOLDER`;
    case "bring":
      return `by yourself, then ${lethe} data get ${name} --from FOLDER`;
  }
}
