import { encodeCsv, encodeParquet, htmlReport, markdownReport, summarise, tableOf, type ExperimentResults } from "@lethe/bench";
import type { Files } from "@lethe/core";

export const derivedNames = ["table.csv", "table.parquet", "summary.json", "report.html", "report.md"] as const;

/** Everything in a results folder that follows from the results. */
export function derivedFiles(results: ExperimentResults): Files & Readonly<Record<(typeof derivedNames)[number], Uint8Array>> {
  const table = tableOf(results);
  return {
    "table.csv": text(encodeCsv(table)),
    "table.parquet": encodeParquet(table),
    "summary.json": text(`${JSON.stringify(summarise(results), undefined, 2)}\n`),
    ...reportFiles(results),
  };
}

/** The report in both of its forms. */
export function reportFiles(results: ExperimentResults): Readonly<Record<"report.html" | "report.md", Uint8Array>> {
  return { "report.html": text(htmlReport(results)), "report.md": text(markdownReport(results)) };
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
