import { join, parse, resolve } from "node:path";
import { finishResults, loadResults, verifyFolder, type ExperimentResults } from "@lethe/bench";
import { LetheError } from "@lethe/core";
import { writeFileAtomic } from "@lethe/core/files";
import { defineCommand } from "../command-line/command.ts";
import { text } from "../command-line/options.ts";
import { derivedFiles, derivedNames, reportFiles } from "./bench/derived.ts";

export const report = defineCommand({
  name: "report",
  about:
    "Writes the report of a results folder again, as HTML and as Markdown, from the results alone. Without --out the tables are made again too. " +
    "Results that were changed since they were written are refused.",
  operands: { folder: { help: "folder that lethe bench wrote", required: "yes" } },
  options: { out: text({ placeholder: "FILE", help: "the HTML file; the Markdown goes beside it. Default: report.html in the folder" }) },
  examples: ["lethe report results/first-table", "lethe report results/first-table --out paper/first-table.html"],
  async run({ operands, options }, session) {
    const { cwd } = session.environment;
    const folder = resolve(cwd, operands.folder);
    await expectUnchanged(operands.folder, folder);
    const results = await loadResults(folder);
    const [html, markdown] = options.out === undefined ? inside(operands.folder) : beside(options.out);
    if (options.out === undefined) await finishResults(folder, results, derivedFiles(results));
    else await writeReport(resolve(cwd, html), resolve(cwd, markdown), results);
    const data = { html, markdown, results: results.runs.length + results.audits.length, failures: results.failures.length };
    return { data, text: ({ style }) => `The report is ${style.bold(html)}, and as Markdown ${style.bold(markdown)}` };
  },
});

/** A new list of files would vouch for whatever is there. */
async function expectUnchanged(shown: string, folder: string): Promise<void> {
  const { files } = await verifyFolder(folder);
  const derived: ReadonlySet<string> = new Set(derivedNames);
  const first = files.find(({ failure, path }) => failure && !derived.has(path));
  if (first === undefined) return;
  throw new LetheError("results/changed", `${first.message} A report would hide that; lethe verify ${shown} lists all such files.`, {
    path: first.path,
  });
}

async function writeReport(html: string, markdown: string, results: ExperimentResults): Promise<void> {
  const files = reportFiles(results);
  await writeFileAtomic(html, files["report.html"]);
  await writeFileAtomic(markdown, files["report.md"]);
}

type Paths = readonly [html: string, markdown: string];

function inside(folder: string): Paths {
  return [join(folder, "report.html"), join(folder, "report.md")];
}

/** The given file, whichever of the two it is, and the other. */
function beside(file: string): Paths {
  const { dir, name, ext } = parse(file);
  const other = (ending: string) => join(dir, `${name}${ending}`);
  return ext === ".md" ? [other(".html"), file] : [file, other(".md")];
}
