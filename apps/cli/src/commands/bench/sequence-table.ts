import type { ScenarioSummary } from "@lethe/bench";
import { paintVerdict } from "../../evaluation/cells.ts";
import type { Style } from "../../terminal/style.ts";
import { renderTable } from "../../terminal/table.ts";
import type { View } from "../../terminal/view.ts";

/** Tug-of-War from request to request, a table for each sequence: what the tables of single requests do not show. */
export function sequenceLines(scenarios: readonly ScenarioSummary[], view: View): string[] {
  const titles = new Set(scenarios.flatMap((scenario) => titleOf(scenario) ?? []));
  return [...titles].flatMap((title) => {
    const requests = scenarios.filter((scenario) => titleOf(scenario) === title);
    const methods = [...new Set(requests.flatMap(({ rows }) => rows.map(({ method }) => method)))];
    const head = ["", ...requests.map(({ sequence }) => `request ${sequence!.request}`)];
    const rows = methods.map((method) => [method, ...requests.map((request) => tugOfWar(request, method, view.style))]);
    return [
      `${view.style.bold(title)}  ${view.style.dim("Tug-of-War after each request, on everything forgotten so far")}`,
      "",
      renderTable({ head, rows }, view),
      "",
    ];
  });
}

function titleOf({ problem, sequence }: ScenarioSummary): string | undefined {
  return sequence === null ? undefined : `${problem}, ${sequence.name}`;
}

function tugOfWar({ rows }: ScenarioSummary, method: string, style: Style): string {
  const metric = rows.find((row) => row.method === method)?.metrics.find(({ name }) => name === "tug-of-war");
  if (metric?.mean == null) return "–";
  const text = metric.mean.toFixed(3);
  const [usual] = metric.verdicts;
  return usual === undefined ? text : paintVerdict(usual.verdict, text, style);
}
