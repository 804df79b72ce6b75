import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { tableOf } from "./table.ts";

const results = exampleResults();
const table = tableOf(results);
const records = table.rows.map((cells) => Object.fromEntries(table.columns.map(({ name }, index) => [name, cells[index]])));

describe("tableOf", () => {
  it("has a row for each metric of each run, and of doing nothing once for each cell", () => {
    const ofRuns = results.runs.reduce((sum, { evaluation }) => sum + evaluation.unlearned.metrics.length, 0);
    const cells = results.runs.filter(({ role }) => role === "control");
    const ofDoingNothing = cells.reduce((sum, { evaluation }) => sum + evaluation.doNothing.metrics.length, 0);
    expect(records.filter(({ role }) => role !== "do-nothing")).toHaveLength(ofRuns);
    expect(records.filter(({ role }) => role === "do-nothing")).toHaveLength(ofDoingNothing);
    const keys = records.map(({ problem, scenario, method, seed, metric }) => [problem, scenario, method, seed, metric].join("|"));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("says of a run what the run says", () => {
    const run = results.runs.find(({ id }) => id === "fashion-cnn/random/ssd/seed-2")!;
    const metric = run.evaluation.unlearned.metrics.find(({ name }) => name === "loss-attack-auc")!;
    const record = records.find(
      (row) => row.problem === "fashion-cnn" && row.scenario === "random" && row.method === "ssd" && row.seed === 2 && row.metric === metric.name,
    );
    expect(record).toEqual({
      experiment: "example",
      problem: "fashion-cnn",
      scenario: "random",
      method: "ssd",
      role: "method",
      seed: 2,
      metric: "loss-attack-auc",
      version: metric.version,
      value: metric.value,
      original: metric.original,
      oracle_mean: metric.oracles.mean,
      oracle_sd: metric.oracles.standardDeviation,
      oracle_count: 4,
      band_lower: metric.band!.lower,
      band_upper: metric.band!.upper,
      verdict: metric.verdict,
      unit: "share",
      direction: "match oracles",
      request_seconds: run.cost.request.seconds,
      preparation_seconds: run.cost.preparation!.seconds,
      weights_moved: run.details.moved,
      status: "completed",
      backend: "wasm",
    });
  });

  it("gives doing nothing the original's values, and neither time nor status", () => {
    const rows = records.filter(({ role }) => role === "do-nothing");
    expect(rows.every(({ value, original }) => value === original)).toBe(true);
    expect(
      rows.every((row) => row.method === "do nothing" && row.request_seconds === null && row.preparation_seconds === null && row.status === null),
    ).toBe(true);
  });

  it("holds in each column what its type says", () => {
    table.columns.forEach(({ type }, index) => {
      const cells = table.rows.map((row) => row[index]).filter((cell) => cell !== null);
      const fits = (cell: unknown) =>
        type === "string" ? typeof cell === "string" : type === "int" ? Number.isInteger(cell) : Number.isFinite(cell);
      expect(cells.length).toBeGreaterThan(0);
      expect(cells.every(fits)).toBe(true);
    });
  });
});
