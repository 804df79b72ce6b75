import type { ExperimentResults } from "../results/experiment-results.ts";
import { page } from "./page.ts";
import { reportOf } from "./report.ts";

/**
 * One HTML file that needs nothing else: no network, no script. It suits light and dark screens, narrow ones and paper.
 *
 * Verdicts, tables with marks, figures of the first seed, audits, what was not tested, and what is needed to make the numbers again. The same results give the same text.
 *
 * @example
 * htmlReport(exampleResults()).startsWith("<!doctype html>"); // true
 */
export function htmlReport(results: ExperimentResults): string {
  return page(reportOf(results));
}
