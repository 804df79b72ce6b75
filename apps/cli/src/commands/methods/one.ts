import type { Report } from "../../command-line/command.ts";
import type { LoadedMethod } from "../../methods/load.ts";
import { describeOptions, usualOf, type OptionDescription } from "../../methods/options.ts";
import { facts } from "../../terminal/facts.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { View } from "../../terminal/view.ts";
import { methodData, needsInWords } from "./describe.ts";

export function methodReport(loaded: LoadedMethod): Report {
  return { data: methodData(loaded), text: (view) => describe(loaded, view) };
}

function describe(loaded: LoadedMethod, view: View): string {
  const { style, columns } = view;
  const { id, title, guarantee, scenarios, citation, needs, prepare } = loaded.method;
  return [
    `${style.bold(id)}  ${title}`,
    "",
    ...facts(
      [
        ["guarantee", guarantee],
        ["meant for", scenarios.join(", ")],
        ["needs", needsInWords(loaded)],
        ["layers", needs.layers === "any" ? "any" : needs.layers.join(", ")],
        ["prepares", prepare === undefined ? "nothing" : "once per model, with lethe prepare or within the first request"],
        ["paper", `${citation.authors}: ${citation.title}. ${citation.venue} ${citation.year}`],
        ["", citation.url],
        ["from", loaded.version === undefined ? loaded.source : `${loaded.source} ${loaded.version}`],
      ],
      style,
      columns,
    ),
    "",
    style.bold("Options"),
    ...optionLines(describeOptions(loaded.method), view),
  ].join("\n");
}

function optionLines(options: readonly OptionDescription[] | undefined, { style, columns }: View): string[] {
  if (options === undefined) return ["  The schema of this method does not list them; see its documentation."];
  if (options.length === 0) return ["  none"];
  const wrapped = (text: string, indent: number) => wrap(text, Math.max(columns - indent, 30)).map((line) => `${" ".repeat(indent)}${line}`);
  return options.flatMap((option) => {
    const name = `  --set ${option.name}=`;
    const [first, ...rest] = wrapped(`${option.allowed}${style.dim(usualOf(option))}`, name.length + 2);
    return [`${style.cyan(name)}  ${first.trimStart()}`, ...rest, ...wrapped(option.help, 6).map(style.dim)];
  });
}
