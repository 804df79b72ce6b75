import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { beforeAll, describe, expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import type { AuditResult } from "../results/audit-result.ts";
import { runExperiment } from "../run/run-experiment.ts";

/** Enough models to say something, of networks that learn their half of the pool by heart. */
const source = `
name: exposure
seeds: 1
problems:
  digits: { data: digits, model: mlp, recipe: { epochs: 25, batchSize: 50 } }
scenarios: {}
methods: {}
audits:
  attack: { attacks: [u-lira, rmia], problem: digits, pool: 200, models: 16, targets: 8, forgetSets: 2, forgetSize: 20 }
`;

let results: readonly AuditResult[];

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  const cwd = await temporaryFolder();
  const workers = startWorkers({ backend: "wasm", jobs: 1, signal: new AbortController().signal, loadMethod });
  const common = { backend: "wasm", versions: { lethe: "1" }, loadMethod, cwd, cache: join(cwd, "cache") } as const;
  ({ audits: results } = await runExperiment({ ...common, experiment: readExperiment(source, "exposure.yaml"), workers }));
});

const record = (role: AuditResult["role"], name: string) => results.find((each) => each.role === role)!.records.find((each) => each.name === name)!;

describe.each(["u-lira", "unlearning-rmia"])("%s, on digits learnt by heart", (attack) => {
  test("finds those that nothing was done about", () => {
    expect(record("do-nothing", `${attack}-accuracy`).interval!.lower).toBeGreaterThan(0.5);
    expect(record("do-nothing", `${attack}-auc`).value).toBeGreaterThan(0.6);
  });

  test("is at its floor where models were retrained", () => {
    const { interval } = record("control", `${attack}-accuracy`);
    expect(interval!.lower).toBeLessThanOrEqual(0.5);
    expect(interval!.upper).toBeGreaterThanOrEqual(0.5);
    expect(Math.abs(record("control", `${attack}-auc`).value! - 0.5)).toBeLessThan(0.06);
  });
});
