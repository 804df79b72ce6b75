import { listDatasets } from "@lethe/datasets";
import { catalogue, namedData, presence } from "@lethe/datasets/files";
import { join } from "node:path";
import type { Report } from "../../command-line/command.ts";
import { bytes, count } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { DataRequest } from "../data.ts";
import { folderOf, sizeOf } from "./named.ts";

interface Line {
  readonly name: string;
  readonly title: string;
  readonly samples: number;
  readonly classes: number;
  readonly inputs: string | null;
  readonly bytes: number | null;
  readonly licence: string;
  readonly state: "built-in" | "here" | "incomplete" | "absent";
  readonly get: "npm" | "debian" | "bring" | null;
}

export async function listAll(request: DataRequest): Promise<Report> {
  const folder = folderOf(request);
  const lines = [...embedded(), ...(await known(folder))];
  return { data: { folder, data: lines }, text: (view) => describe(lines, folder, view) };
}

/** As `--data` gives them. */
const embeddedInputs: Readonly<Record<string, string>> = { digits: "64", "fashion-sample": "28 x 28 x 1" };

function embedded(): readonly Line[] {
  return listDatasets().map(({ id, title, samples, classes, licence }) => ({
    name: id,
    title,
    samples,
    classes,
    inputs: embeddedInputs[id] ?? null,
    bytes: null,
    licence,
    state: "built-in",
    get: null,
  }));
}

async function known(folder: string): Promise<readonly Line[]> {
  const lines = catalogue.map(async (entry): Promise<readonly Line[]> => {
    const { name, title, train, test, classes, inputs, licence, origin } = entry;
    const state = await presence(entry, join(folder, name));
    const whole: Line = { name, title, samples: train + test, classes, inputs, bytes: sizeOf(entry), licence, state, get: origin.kind };
    const parts = namedData.filter((named) => named.entry === name && named.name !== name);
    return [whole, ...parts.map((part): Line => ({ ...whole, name: part.name, title: `a balanced part of ${name}`, samples: part.samples ?? 0, bytes: null }))];
  });
  return (await Promise.all(lines)).flat();
}

/** Of `"MNIST: handwritten digits, 28 x 28 pixels"` the words between; the name stands beside them. */
function subject(title: string): string {
  return title.replace(/^.*: /, "").replace(/, [^,]*$/, "");
}

function describe(lines: readonly Line[], folder: string, view: View): string {
  const { style, columns, lethe } = view;
  const marks = { "built-in": style.green("built in"), here: style.green("here"), incomplete: style.yellow("incomplete"), absent: style.dim("–") };
  const rows = lines.map(({ name, title, samples, classes, inputs, bytes: size, licence, state }) => [
    style.cyan(name),
    subject(title),
    count(samples),
    String(classes),
    inputs ?? "",
    size === null ? "" : bytes(size),
    licence,
    marks[state],
  ]);
  const head = ["name", "data", "samples", "classes", "inputs", "on disk", "licence of the data", "state"];
  const align = ["left", "left", "right", "right", "right", "right", "left", "left"] as const;
  const sentence = `Data lie in ${folder}. ${lethe} data get NAME fetches one; ${lethe} data info NAME says more.`;
  return [
    renderTable({ head, rows, align, dispensable: ["licence of the data", "on disk", "inputs", "classes"] }, view),
    "",
    ...wrap(sentence, columns).map(style.dim),
  ].join("\n");
}
