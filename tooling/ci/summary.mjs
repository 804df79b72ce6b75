// @ts-check
import { seconds } from "../setup/stage.mjs";

/**
 * @typedef {object} StageResult
 * @property {string} name
 * @property {number} milliseconds
 * @property {boolean} passed
 */

/**
 * The stages with their times, those that were not reached, and the count of tests on a line of its own at the end.
 *
 * @param {readonly StageResult[]} results
 * @param {readonly string[]} names all stages, in order
 * @param {import("./counts.mjs").Counts} tests
 */
export function summary(results, names, tests) {
  const width = Math.max(...names.map((name) => name.length));
  const line = (/** @type {string} */ name) => {
    const result = results.find((each) => each.name === name);
    if (!result) return `${name.padEnd(width)}           not run`;
    return `${name.padEnd(width)}  ${seconds(result.milliseconds).padStart(8)}  ${result.passed ? "passed" : "FAILED"}`;
  };
  const total = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const skipped = tests.skipped > 0 ? [`${tests.skipped} tests were skipped`] : [];
  return [
    ...names.map(line),
    `${"total".padEnd(width)}  ${seconds(total).padStart(8)}`,
    ...skipped,
    "",
    `${tests.passed} passed, ${tests.failed} failed`,
  ].join("\n");
}
