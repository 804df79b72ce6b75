import { describe, expect, it } from "vitest";
import { countTests } from "./counts.mjs";
import { summary } from "./summary.mjs";

describe("countTests", () => {
  const report = (tests: object, files: object[]): string =>
    JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, ...tests, testResults: files });

  it("counts passed, failed and skipped tests", () => {
    const files = [{ status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] }];
    const counts = countTests(report({ numPassedTests: 12, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }, files), false);
    expect(counts).toEqual({ passed: 12, failed: 1, skipped: 3 });
  });

  it("counts a file that could not be run as one failure", () => {
    const files = [
      { status: "failed", assertionResults: [] },
      { status: "passed", assertionResults: [{ status: "passed" }] },
    ];
    expect(countTests(report({ numPassedTests: 1 }, files), false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });
});

describe("countTests of a run that failed though no test did", () => {
  const report = JSON.stringify({ numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] });

  it("counts one failure", () => expect(countTests(report, false)).toEqual({ passed: 3, failed: 1, skipped: 0 }));
  it("counts none where it passed", () => expect(countTests(report, true)).toEqual({ passed: 3, failed: 0, skipped: 0 }));
  it("counts one where it left no report", () => expect(countTests(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 }));
});

describe("summary", () => {
  const names = ["tests", "structure", "lint"];
  const lines = (...results: Parameters<typeof summary>[0]): string[] => summary(results, names, { passed: 7, failed: 0, skipped: 0 }).split("\n");

  it("gives each stage's time and ends with the count alone", () => {
    const all = names.map((name, index) => ({ name, milliseconds: 1000 * (index + 1), passed: true }));
    expect(lines(...all)).toEqual([
      "tests         1.0 s  passed",
      "structure     2.0 s  passed",
      "lint          3.0 s  passed",
      "total         6.0 s",
      "",
      "7 passed, 0 failed",
    ]);
  });

  it("shows which stage failed and which were not reached", () => {
    const [tests, structure, lint] = lines({ name: "tests", milliseconds: 1, passed: true }, { name: "structure", milliseconds: 1, passed: false });
    expect(tests).toMatch(/passed$/);
    expect(structure).toMatch(/FAILED$/);
    expect(lint).toMatch(/not run$/);
  });

  it("mentions skipped tests above the count", () => {
    expect(summary([], names, { passed: 1, failed: 0, skipped: 2 })).toMatch(/2 tests were skipped\n\n1 passed, 0 failed$/);
  });
});
