// @ts-check

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * Counts the tests of vitest's JSON report. A file that fails without a failed test in it, because it cannot be imported or a hook threw, counts
 * as one failed test; so does a run that fails though no test did, because of a late error or because it never began.
 *
 * @param {string | undefined} report
 * @param {boolean} runPassed whether the test command ended with 0
 * @returns {Counts}
 */
export function countTests(report, runPassed) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(report);
  const broken = testResults.filter((/** @type {any} */ file) => file.status === "failed" && !file.assertionResults.some(isFailed)).length;
  const failed = numFailedTests + broken;
  return { passed: numPassedTests, failed: failed === 0 && !runPassed ? 1 : failed, skipped: numPendingTests + numTodoTests };
}

/** @param {{ status: string }} test */
function isFailed({ status }) {
  return status === "failed";
}
