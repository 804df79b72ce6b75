import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { beforeAll, describe, expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import type { AuditLock, AuditResult } from "../results/audit-result.ts";
import { runExperiment } from "../run/run-experiment.ts";
import type { Progressing } from "../run/stages.ts";
import { replayAudit } from "./replay-audit.ts";
import type { ReplayRequest } from "./workshop.ts";

const source = `
name: tiny
seeds: 1
problems:
  digits: { data: digits, model: mlp, recipe: { epochs: 3, batchSize: 20 } }
scenarios: {}
methods: { gentle: { method: ssd, options: { selection: fixed, alpha: 2 } } }
audits:
  attack: { attacks: [rmia, u-lira], problem: digits, pool: 60, models: 4, targets: 2, forgetSets: 2, forgetSize: 4, population: 50 }
`;

let folder: string;
let request: Omit<ReplayRequest<AuditResult>, "result">;
let recorded: Readonly<Record<AuditResult["role"], AuditResult>>;

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  folder = await temporaryFolder();
  const workers = startWorkers({ backend: "wasm", jobs: 10, signal: new AbortController().signal, loadMethod });
  const common = { workers, backend: "wasm", versions: { "@lethe/core": "1.0.0" }, loadMethod, cwd: folder } as const;
  const { audits } = await runExperiment({ ...common, experiment: readExperiment(source, "tiny.yaml"), cache: join(folder, "experiment") });
  // As from a file.
  const plain = JSON.parse(JSON.stringify(audits)) as AuditResult[];
  recorded = Object.fromEntries(plain.map((audit) => [audit.role, audit])) as typeof recorded;
  request = { ...common, cache: join(folder, "replay") };
});

const withLock = (change: Partial<AuditLock>): AuditResult => ({ ...recorded.method, lock: { ...recorded.method.lock, ...change } });
const timeless = ({ seconds: _seconds, ...audit }: AuditResult) => audit;

describe("a replay in an empty folder", () => {
  test("makes an audit of a method again, bit by bit, from the lock", async () => {
    const progress: Progressing[] = [];
    const replay = await replayAudit({ ...request, result: recorded.method, onProgress: (each) => progress.push(each) });
    expect(replay).toMatchObject({ verdict: "equal", status: null, differences: [], notes: [], found: 0 });
    expect(replay.numbers.length).toBe(2 * 4 * 4 + 2);
    expect(timeless(JSON.parse(JSON.stringify(replay.replayed)) as AuditResult)).toEqual(timeless(recorded.method));
    // All work was foreseen, and none besides.
    expect(progress.at(-1)!.stages.map(({ title, total, done }) => [title, total, done])).toEqual([
      ["attack: shadow models", 6, 6],
      ["attack: gentle", 6, 6],
      ["attack: retraining (control)", 6, 6],
    ]);
  });
});

// These share the models of the first replay; what they change is made anew.
describe("in the same folder", () => {
  test.each(["control", "do-nothing"] as const)("%s is made again beside the control, from what is there", async (role) => {
    const replay = await replayAudit({ ...request, result: recorded[role] });
    expect(replay.verdict).toBe("equal");
    expect(timeless(JSON.parse(JSON.stringify(replay.replayed)) as AuditResult)).toEqual(timeless(recorded[role]));
    expect(replay.notes[0]).toContain("12 of the models and answers lay in the cache");
  });

  test("another option gives other values and the same targets", async () => {
    const method = { ...recorded.method.lock.method, options: { ...(recorded.method.lock.method.options as object), alpha: 0.01 } };
    const { numbers, verdict, replayed } = await replayAudit({ ...request, result: withLock({ method }) });
    expect(replayed.lock.method.options).toMatchObject({ alpha: 0.01 });
    expect(verdict).toBe("different");
    expect(numbers.filter(({ of }) => of === "target" || of === "original").every((number) => number.verdict === "equal")).toBe(true);
  });

  test("only what the lock says is run: one attack, fewer forget sets, another population", async () => {
    const plan = { ...recorded.method.lock.plan, attacks: ["rmia"] as const, forgetSets: 1, population: 20 };
    const { replayed, differences } = await replayAudit({ ...request, result: withLock({ plan }) });
    expect(replayed.lock.plan).toEqual(plan);
    expect(replayed.attacks.map(({ name }) => name)).toEqual(["rmia"]);
    expect(replayed.budget).toMatchObject({ forgetSets: 1, population: 20, attacked: 8 });
    expect(differences.filter(({ name }) => !name.startsWith("metric u-lira"))).toEqual([]);
  });
});

describe("before anything is trained", () => {
  const refused = (result: AuditResult) => replayAudit({ ...request, result, cache: join(folder, "never") });

  test("a lock without its parts is refused by the name of the field", async () => {
    const { seed: _seed, ...rest } = recorded.method.lock;
    await expect(refused({ ...recorded.method, lock: rest as AuditLock })).rejects.toMatchObject({
      code: "replay/bad-lock",
      details: { field: "lock.seed" },
    });
    const plan = { ...recorded.method.lock.plan, attacks: ["lira"] } as unknown as AuditLock["plan"];
    await expect(refused(withLock({ plan }))).rejects.toMatchObject({ code: "replay/bad-lock", details: { field: "lock.plan.attacks.0" } });
  });

  test("other data, a plan that does not fit and an impossible tolerance are refused", async () => {
    const { data, plan } = recorded.method.lock;
    await expect(refused(withLock({ data: { ...data, testHash: "0".repeat(64) } }))).rejects.toMatchObject({ code: "data/changed" });
    await expect(refused(withLock({ plan: { ...plan, models: 5 } }))).rejects.toMatchObject({ code: "metrics/bad-plan" });
    await expect(replayAudit({ ...request, result: recorded.method, tolerance: NaN })).rejects.toMatchObject({ code: "replay/bad-tolerance" });
  });
});

test("a method that fails now ends the replay with its own error", async () => {
  const method = { name: "broken", package: null, version: null, options: {} };
  await expect(replayAudit({ ...request, result: withLock({ method }) })).rejects.toMatchObject({ code: "method/threw" });
});
