import type { ExperimentResults } from "../results/experiment-results.ts";
import { markdown } from "./markdown.ts";
import { reportOf } from "./report.ts";

/**
 * The same sentences and tables as the page of {@link htmlReport}, without its figures, in Markdown with GitHub's tables: for papers, issues and terminals.
 *
 * @example
 * markdownReport(exampleResults()).split("\n")[0]; // "# Unlearning report: example"
 */
export function markdownReport(results: ExperimentResults): string {
  return markdown(reportOf(results));
}
