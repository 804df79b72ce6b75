import type { Report } from "../../command-line/command.ts";
import type { Surroundings } from "../../methods/installed.ts";
import { renderTable } from "../../terminal/table.ts";
import { wrap } from "../../terminal/wrap.ts";
import type { View } from "../../terminal/view.ts";
import { methodData, needsInWords } from "./describe.ts";

export function surveyReport(survey: Surroundings): Report {
  const { installed, missing, broken } = survey;
  return { data: { installed: installed.map(methodData), missing, broken }, text: (view) => describe(survey, view) };
}

function describe({ installed, missing, broken }: Surroundings, view: View): string {
  const { style } = view;
  const rows = installed.map((loaded) => {
    const { id, title, guarantee, scenarios } = loaded.method;
    return [style.cyan(id), title, guarantee === "approximate" ? guarantee : style.green(guarantee), scenarios.join(", "), needsInWords(loaded)];
  });
  const head = ["id", "method", "guarantee", "meant for", "needs per request"];
  return [
    ...(installed.length === 0
      ? ["No method is installed."]
      : [renderTable({ head, rows, align: head.map(() => "left"), dispensable: ["needs per request", "meant for"] }, view)]),
    ...missing.flatMap(({ id, summary, install }, index) => [
      ...(index === 0 ? ["", style.bold("Not installed")] : []),
      `  ${id}: ${summary}; ${install}`,
    ]),
    ...broken.flatMap(({ name, message }, index) => [...(index === 0 ? ["", style.bold("Not usable")] : []), `  ${style.red(name)}: ${message}`]),
    "",
    ...wrap("lethe methods ID shows its options. Others: npm install lethe-method-NAME, or the path of a module.", view.columns).map(style.dim),
  ].join("\n");
}
