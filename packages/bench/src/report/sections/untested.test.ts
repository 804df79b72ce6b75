import { expect, it } from "vitest";
import { exampleResults } from "../../fixtures/results/example-results.ts";
import type { ExperimentResults } from "../../results/experiment-results.ts";
import { summarise } from "../../summary/summarise.ts";
import { untestedSection } from "./untested.ts";

const results = exampleResults();

function said(some: ExperimentResults): string {
  return JSON.stringify(untestedSection(some, summarise(some)));
}

it("says what the example leaves open", () => {
  const text = said(results);
  for (const part of [
    "4 oracles per seed",
    "3 seeds",
    "steps of 5.0 points",
    "Not run on ascent",
    "not on fashion-cnn",
    "on wasm",
    "of finetune and ascent were given",
    "pass/non-finite",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain("Neither U-LiRA nor RMIA");
});

it("says that no attack had shadow models", () => {
  expect(said({ ...results, audits: [] })).toContain("Neither U-LiRA nor RMIA was run");
});

it("says which attacks were run, and which were not", () => {
  expect(said(results)).toContain("U-LiRA and RMIA of every method");
  expect(said(results)).toContain("Attacks other than U-LiRA and RMIA were not run");
  const one = results.audits.map((audit) => ({ ...audit, attacks: audit.attacks.filter(({ name }) => name === "u-lira") }));
  expect(said({ ...results, audits: one })).toContain("Attacks other than U-LiRA, such as RMIA, were not run");
});

it("is silent about what was tested", () => {
  const enough = results.runs.flatMap((run) =>
    [0, 3].map((more) => ({
      ...run,
      seed: run.seed + more,
      lock: { ...run.lock, backend: more === 0 ? "wasm" : "cpu", forget: { ...run.lock.forget, kind: { random: 20 } } },
      evaluation: { ...run.evaluation, oracleCount: 5 },
    })),
  );
  const text = said({ ...results, runs: enough, failures: [] });
  for (const part of ["spread of retraining", "More repetitions", "Concepts", "Other backends", "A run that failed"])
    expect(text).not.toContain(part);
});

it("warns of too few oracles and seeds", () => {
  const few = results.runs.filter(({ seed }) => seed === 0).map((run) => ({ ...run, evaluation: { ...run.evaluation, oracleCount: 2 } }));
  const text = said({ ...results, runs: few });
  expect(text).toContain("2 oracles per seed: bands are missing or mean little");
  expect(text).toContain("1 seed: intervals are missing");
});

it("counts the seeds of the problem that has the fewest", () => {
  const [{ problem }] = results.runs;
  const uneven = results.runs.filter((run) => run.problem !== problem || run.seed === 0);
  expect(said({ ...results, runs: uneven })).toContain("1 seed: intervals are missing");
});

it("says that no requests followed one another, only where none did", () => {
  expect(said(results)).toContain("A series of requests");
  const sequence = { name: "several", request: 1, of: 2 };
  const following = results.runs.map((run) => (run.scenario === results.runs[0].scenario ? { ...run, sequence } : run));
  expect(said({ ...results, runs: following })).not.toContain("A series of requests");
});
