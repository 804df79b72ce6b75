import type { MetricSummary, RowSummary, ScenarioSummary } from "@lethe/bench";
import { expect, test } from "vitest";
import { plain } from "../../terminal/style.ts";
import { sequenceLines } from "./sequence-table.ts";

const view = { style: plain, columns: 100, lethe: "lethe" };

function scenario(request: number | null, scores: Readonly<Record<string, number | null>>): ScenarioSummary {
  const rows = Object.entries(scores).map(([method, mean]) => {
    const metric: Partial<MetricSummary> = { name: "tug-of-war", mean, verdicts: [{ verdict: "within oracle band", seeds: 1 }] };
    return { method, metrics: [metric] } as unknown as RowSummary;
  });
  const sequence = request === null ? null : { name: "classes", request, of: 2 };
  return { problem: "digits", scenario: "any", sequence, rows } as unknown as ScenarioSummary;
}

test("each sequence has a table of its requests, and single requests have none", () => {
  const lines = sequenceLines([scenario(null, { ssd: 1 }), scenario(1, { ssd: 0.95, late: null }), scenario(2, { ssd: 0.8114 })], view);
  const table = lines.join("\n").split("\n");
  expect(table[0]).toContain("digits, classes  Tug-of-War");
  expect(table.find((line) => line.includes("request 1"))).toMatch(/request 1\s+request 2$/);
  expect(table.find((line) => line.startsWith("ssd"))).toMatch(/^ssd\s+0\.950\s+0\.811$/);
  expect(table.find((line) => line.startsWith("late"))).toMatch(/^late\s+–\s+–$/);
  expect(sequenceLines([scenario(null, { ssd: 1 })], view)).toEqual([]);
});
