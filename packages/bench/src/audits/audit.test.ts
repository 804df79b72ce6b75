import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { createRandom, type HostTensor } from "@lethe/core";
import { rolesOfRuns } from "@lethe/metrics";
import { beforeAll, describe, expect, test } from "vitest";
import { readExperiment, type AuditPlan } from "../experiment/experiment.ts";
import { counting } from "../fixtures/counting.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import { attackNames, recordsOfAttack } from "./attack-names.ts";
import type { AuditResult } from "../results/audit-result.ts";
import type { ExperimentResults } from "../results/experiment-results.ts";
import { openProblem, type OpenProblem } from "../run/problem.ts";
import { runExperiment } from "../run/run-experiment.ts";
import { planAudit } from "./shadows.ts";

const source = `
name: audit
seeds: 1
oracles: 1
problems:
  digits: { data: digits, model: mlp, recipe: { epochs: 20, batchSize: 32 } }
scenarios: {}
methods:
  idle:
  broken:
  retrain:
audits:
  attack: { attacks: [u-lira, rmia], problem: digits, pool: 80, models: 4, targets: 2, forgetSets: 2, forgetSize: 5, population: 200 }
`;

const experiment = readExperiment(source, "audit.yaml");
const [audit] = experiment.audits;
let cwd: string;
let results: ExperimentResults;
let problem: OpenProblem;

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  cwd = await temporaryFolder();
  problem = await openProblem(experiment.problems[0], cwd);
  results = await run().results;
});

function run() {
  const workers = counting(startWorkers({ backend: "wasm", jobs: 1, signal: new AbortController().signal, loadMethod }));
  const common = { backend: "wasm", versions: { lethe: "1" }, loadMethod, cwd } as const;
  return { workers, results: runExperiment({ ...common, experiment, workers, cache: join(cwd, "cache") }) };
}

const find = (id: string): AuditResult => results.audits.find((each) => each.id === id)!;
const valueOf = ({ records }: AuditResult, name: string) => records.find((record) => record.name === name)?.value;

describe("an audit", () => {
  test("has a result for every method, for doing nothing and for the control, each with an id of its own", () => {
    expect(results.audits.map(({ id, role, method }) => [id, role, method])).toEqual([
      ["attack/do-nothing", "do-nothing", "do nothing"],
      ["attack/idle", "method", "idle"],
      ["attack/retrain", "method", "retrain"],
      ["attack/control", "control", "retrain (control)"],
    ]);
  });

  test("reports the method that failed", () => {
    expect(results.failures).toEqual([
      {
        id: "attack/broken",
        problem: "digits",
        scenario: "attack",
        method: "broken",
        seed: 0,
        code: "method/threw",
        message: "broken ended with an error of its own: x is undefined",
      },
    ]);
  });

  test("finds a method that does nothing out exactly as it finds nothing out", () => {
    const [nothing, idle] = [find("attack/do-nothing"), find("attack/idle")];
    for (const field of ["records", "attacks", "utility", "budget"] as const) expect(idle[field]).toEqual(nothing[field]);
  });

  test.each(["u-lira-auc", "unlearning-rmia-auc"])("tells what an overfitted model was trained with, and retraining hides it: %s", (name) => {
    const nothing = valueOf(find("attack/do-nothing"), name)!;
    const control = valueOf(find("attack/control"), name)!;
    // 4 shadow models and 2 targets are far too few to say how well.
    expect(nothing).toBeGreaterThan(control);
    expect(Math.abs(control - 0.5)).toBeLessThan(0.3);
  });

  test("takes the control for its target, and guessing for the control's", () => {
    const control = find("attack/control");
    expect(control.records.map(({ target }) => target)).toEqual([0.5, 0.5, 0.01, 0.001, 0.5, 0.5, 0.01, 0.001]);
    for (const { records } of [find("attack/idle"), find("attack/do-nothing")]) {
      expect(records.map(({ target }) => target)).toEqual(control.records.map(({ value }) => value));
    }
  });

  test("has a curve, the cases and what was chosen of every attack", () => {
    const { attacks, records } = find("attack/idle");
    expect(attacks.map(({ name, cases }) => [name, cases])).toEqual(attackNames.map((name) => [name, { forgotten: 2 * 10, neverSeen: 2 * 2 * 10 }]));
    expect(attacks[0].settings).toEqual({ variance: "pooled" });
    expect(Object.keys(attacks[1].settings)).toEqual(["a", "threshold", "rehearsalAuc"]);
    for (const { name, curve, accuracyPerSample } of attacks) {
      expect(recordsOfAttack(name, records)).toHaveLength(4);
      expect([curve?.fpr.at(-1), curve?.tpr.at(-1)]).toEqual([1, 1]);
      expect(accuracyPerSample.reduce((sum, count) => sum + count, 0)).toBe(20);
    }
  });

  test("says what it spent and how it may be made again", () => {
    const { budget, lock, utility } = find("attack/idle");
    expect(budget).toEqual({ models: 4, targets: 2, forgetSets: 2, forgetSize: 5, attacked: 20, trainingSize: 40, population: 200 });
    expect(lock).toMatchObject({
      plan: { attacks: ["u-lira", "rmia"], pool: 80, models: 4, targets: 2, forgetSets: 2, forgetSize: 5, class: null, population: 200 },
      data: { train: "digits", trainSize: problem.data.train.size, testHash: problem.testHash },
      seed: "attack",
      backend: "wasm",
      method: { name: "idle", package: "@lethe/idle", version: "0.0.0", options: { strength: 0 } },
      recipe: { seed: "attack/shadow-0" },
    });
    expect(utility.unlearned).toBeGreaterThan(0.3);
  });

  test("run again trains nothing and says the same", async () => {
    const { workers, results: again } = run();
    expect(JSON.stringify(await again)).toBe(JSON.stringify(results));
    // The method that failed is tried again on each model.
    expect(new Set(workers.jobs)).toEqual(new Set(["shadow"]));
    expect(workers.jobs.length).toBe(audit.models + audit.targets);
  });
});

describe("the plan", () => {
  const change = (own: Partial<AuditPlan>) => planAudit({ ...audit, ...own }, problem);

  test("has the roles that the attack is given", () => {
    const { plan, attacked, pool } = change({});
    expect([plan.models.length, pool.length, attacked.length]).toEqual([6, 80, 20]);
    const sum = ({ values }: HostTensor) => Array.from(values).reduce((total, value) => total + value, 0);
    for (const [role, models] of [
      ["shadow", 4],
      ["target", 2],
    ] as const) {
      const { forgotten, neverSeen, retained } = rolesOfRuns(plan, role);
      // Half of the models know each of the 20 samples; one of their two runs forgets it.
      expect([sum(forgotten), sum(retained), sum(neverSeen)]).toEqual([10 * models, 10 * models, 20 * models]);
    }
  });

  test("is drawn by the audit's name", () => {
    expect(change({}).pool).toEqual(change({}).pool);
    expect(change({ name: "other" }).pool).not.toEqual(change({}).pool);
  });

  test("attacks samples of one class alone where there is one", () => {
    const labelOf = new Map(problem.data.train.ids.map((id, row) => [id, problem.data.train.labels[row]]));
    const { attacked } = change({ class: 4, pool: undefined });
    expect(attacked.map((id) => labelOf.get(id))).toEqual(attacked.map(() => 4));
    expect(() => change({ class: 10 })).toThrow(expect.objectContaining({ code: "metrics/bad-plan" }));
  });

  test("compares with test samples, as many as asked for, of the class that is attacked", () => {
    const { ids, labels, size } = problem.data.test!;
    const labelOf = new Map(ids.map((id, row) => [id, labels[row]]));
    const { population } = change({});
    expect(population.length).toBe(200);
    expect(new Set(population).size).toBe(200);
    expect(change({ population: 1_000_000 }).population.toSorted()).toEqual(ids.toSorted());
    expect(size).toBeGreaterThan(200);
    const fours = change({ class: 4, pool: undefined }).population;
    expect(fours.map((id) => labelOf.get(id))).toEqual(Array(labels.filter((label) => label === 4).length).fill(4));
    const without = { ...problem, data: { ...problem.data, test: { ...problem.data.test!, labels: labels.map(() => 0) } } };
    const own = { ...audit, class: 4, pool: undefined };
    expect(() => planAudit(own, without)).toThrow(expect.objectContaining({ code: "experiment/no-population" }));
    expect(planAudit({ ...own, attacks: ["u-lira"] }, without).population).toEqual([]);
  });

  test("has no larger pool than there are samples", () => {
    expect(change({ pool: 1_000_000 }).pool.length).toBe(problem.data.train.size);
    expect(createRandom(audit.name).split("pool").sample(10, 10)).toEqual(Uint32Array.from(Array(10).keys()));
  });
});
