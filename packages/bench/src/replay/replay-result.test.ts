import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { LetheError, sha256 } from "@lethe/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import type { LoadMethod } from "../jobs/job.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import type { RecipeLock } from "../results/recipe-lock.ts";
import type { RunResult } from "../results/run-result.ts";
import { runExperiment } from "../run/run-experiment.ts";
import type { Progressing } from "../run/stages.ts";
import { replayResult } from "./replay-result.ts";
import type { ReplayRequest } from "./workshop.ts";

const source = `
name: tiny
seeds: [7]
oracles: 2
problems:
  digits:
    data: digits
    model: mlp
    recipe: { epochs: 2, batchSize: 64, optimiser: { kind: sgd, momentum: 0.9 }, schedule: { kind: constant, rate: 0.1 } }
scenarios: { random: { forget: random=60 } }
methods: { gentle: { method: ssd, options: { selection: fixed, alpha: 2 } } }
`;
const versions = { "@lethe/core": "1.0.0" };

let folder: string;
let request: Omit<ReplayRequest<RunResult>, "result">;
let recorded: RunResult;
let control: RunResult;

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  folder = await mkdtemp(join(tmpdir(), "lethe-replay-"));
  const workers = startWorkers({ backend: "wasm", jobs: 10, signal: new AbortController().signal, loadMethod });
  const common = { workers, backend: "wasm", versions, loadMethod, cwd: folder } as const;
  const { runs } = await runExperiment({ ...common, experiment: readExperiment(source, "tiny.yaml"), cache: join(folder, "experiment") });
  // As from a file.
  [recorded, control] = JSON.parse(JSON.stringify(runs)) as [RunResult, RunResult];
  request = { ...common, cache: join(folder, "replay") };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const withLock = (change: Partial<RecipeLock>): RunResult => ({ ...recorded, lock: { ...recorded.lock, ...change } });

describe("a replay in an empty folder", () => {
  test("makes the answer again, bit by bit, from the lock", async () => {
    const progress: Progressing[] = [];
    const replay = await replayResult({ ...request, result: recorded, onProgress: (each) => progress.push(each) });
    expect(replay).toMatchObject({ verdict: "equal", differences: [], notes: [], found: 0 });
    expect(replay.numbers.length).toBeGreaterThan(50);
    expect(replay.numbers.filter(({ verdict }) => verdict !== "equal")).toEqual([]);
    expect(replay.weights.map(({ of, verdict }) => `${of} ${verdict}`)).toEqual([
      "original equal",
      "unlearned equal",
      "oracle 1 equal",
      "oracle 2 equal",
    ]);
    expect(JSON.parse(JSON.stringify({ ...replay.replayed, cost: recorded.cost }))).toEqual(recorded);
    // All work was foreseen, and none besides.
    const { stages } = progress.at(-1)!;
    expect(stages.map(({ title, total, done }) => [title, total, done])).toEqual([
      ["digits: original", 1, 1],
      ["digits: retrained models", 2, 2],
      ["digits: prepare gentle", 1, 1],
      ["digits: gentle", 1, 1],
      ["digits: judging", 1, 1],
    ]);
  });

  test("makes the control again", async () => {
    const replay = await replayResult({ ...request, result: control, cache: join(folder, "control") });
    expect(replay).toMatchObject({ verdict: "equal", differences: [], notes: [], found: 0 });
    expect(replay.replayed).toMatchObject({ role: "control", method: control.method, weights: control.weights, lock: control.lock });
  });
});

// These share the models of the first replay; what they change is made anew.
describe("a lock that was changed", () => {
  test("gives different numbers with another option, and nothing else is made anew", async () => {
    const method = { ...recorded.lock.method, options: { ...(recorded.lock.method.options as object), alpha: 0.1 } };
    const replay = await replayResult({ ...request, result: withLock({ method }) });
    expect(replay.verdict).toBe("different");
    expect(replay.replayed.lock.method.options).toMatchObject({ alpha: 0.1 });
    expect(replay.weights.filter(({ verdict }) => verdict === "different").map(({ of }) => of)).toEqual(["unlearned"]);
    expect(replay.numbers.filter(({ of, verdict }) => /oracle|band|do nothing|original/.test(of) && verdict !== "equal")).toEqual([]);
    expect(replay.found).toBe(3);
    expect(replay.notes[0]).toContain("3 of the models and answers lay in the cache");
  });

  test("has its own seeds: oracles of others come out differently, each in its place", async () => {
    const [first, second] = recorded.lock.oracleSeeds;
    const replay = await replayResult({ ...request, result: withLock({ oracleSeeds: [second, "another"] }) });
    expect(replay.replayed.lock.oracleSeeds).toEqual([second, "another"]);
    expect(replay.replayed.weights.oracles[0]).toBe(recorded.weights.oracles[1]);
    expect(recorded.weights.oracles).not.toContain(replay.replayed.weights.oracles[1]);
    expect(first).toBe("7/oracle-1");
  });

  test("has only what it says: metrics, samples to forget, seed of the attacks", async () => {
    const forget = { kind: { ids: 3 }, ids: recorded.lock.forget.ids.slice(0, 3) };
    const changed = { metrics: ["forget-accuracy"], forget, evaluationSeed: 5, oracleSeeds: recorded.lock.oracleSeeds.slice(0, 1) };
    const { replayed } = await replayResult({ ...request, result: withLock(changed) });
    expect(replayed.lock).toEqual({ ...recorded.lock, ...changed });
    expect(replayed.evaluation.unlearned.metrics.map(({ name }) => name)).toEqual(["forget-accuracy"]);
    expect(replayed.evaluation.sampleCounts.forget).toBe(3);
    expect(replayed.evaluation.seed).toBe(5);
  });

  test("names versions that are others now, which is no failure", async () => {
    const then = { ...recorded.lock.versions, "@lethe/core": "0.9.0", node: "18.0.0" };
    const method = { ...recorded.lock.method, version: "0.0.1" };
    const { verdict, differences } = await replayResult({ ...request, result: withLock({ versions: then, method }) });
    expect(verdict).toBe("equal");
    expect(differences).toEqual([
      { name: "method.version", recorded: "0.0.1", now: "0.0.0" },
      { name: "versions.@lethe/core", recorded: "0.9.0", now: "1.0.0" },
      { name: "versions.node", recorded: "18.0.0", now: process.versions.node },
    ]);
  });

  test("says that it was made on another backend", async () => {
    const { differences, notes } = await replayResult({ ...request, result: withLock({ backend: "tensorflow" }) });
    expect(differences).toEqual([{ name: "backend", recorded: "tensorflow", now: "wasm" }]);
    expect(notes.join()).toContain("made on the backend tensorflow and replayed on wasm");
  });
});

describe("before anything is trained", () => {
  const refused = (change: Partial<RecipeLock>) => replayResult({ ...request, result: withLock(change), cache: join(folder, "never") });

  test.each(["trainHash", "testHash"] as const)("data of another hash is refused: %s", async (part) => {
    const found = recorded.lock.data[part];
    const expected = "0".repeat(64);
    await expect(refused({ data: { ...recorded.lock.data, [part]: expected } })).rejects.toMatchObject({
      code: "data/changed",
      message: expect.stringContaining(`${found} instead of ${expected}`) as string,
      details: { expected, found },
    });
  });

  test("an unknown sample to forget is refused", async () => {
    await expect(refused({ forget: { kind: { ids: 1 }, ids: ["nobody"] } })).rejects.toMatchObject({ code: "forget/unknown-id" });
  });

  test("a lock without its parts is refused by the name of the field", async () => {
    const broken = { ...recorded, lock: { ...recorded.lock, oracleSeeds: undefined } } as unknown as RunResult;
    await expect(replayResult({ ...request, result: broken })).rejects.toMatchObject({
      code: "replay/bad-lock",
      details: { field: "lock.oracleSeeds" },
    });
    const none = { ...recorded, lock: undefined } as unknown as RunResult;
    await expect(replayResult({ ...request, result: none })).rejects.toMatchObject({ code: "replay/bad-lock", details: { field: "lock" } });
  });

  test("an impossible recipe, option or tolerance is refused", async () => {
    await expect(refused({ recipe: { ...recorded.lock.recipe, epochs: -1 } })).rejects.toMatchObject({ code: "recipe/invalid" });
    await expect(refused({ method: { ...recorded.lock.method, options: { alhpa: 1 } } })).rejects.toMatchObject({ code: "options/invalid" });
    await expect(replayResult({ ...request, result: recorded, tolerance: -1 })).rejects.toMatchObject({ code: "replay/bad-tolerance" });
  });
});

test("a method from a file is known by the file's content", async () => {
  const path = join(folder, "method.mjs");
  await writeFile(path, "export const one = 1;");
  const fromFile: LoadMethod = async (name, settings, cwd) => ({ ...(await loadMethod(name, settings, cwd)), source: path, version: undefined });
  const { verdict, differences } = await replayResult({ ...request, result: recorded, loadMethod: fromFile });
  expect(verdict).toBe("equal");
  expect(differences).toEqual([
    { name: "method.package", recorded: "@lethe/ssd", now: null },
    { name: "method.version", recorded: "0.0.0", now: `sha256:${await sha256("export const one = 1;")}` },
  ]);
});

test("a method that fails now ends the replay with its own error, and leaves the workers free", async () => {
  const failing: LoadMethod = async (name, settings, cwd) => {
    const loaded = await loadMethod(name, settings, cwd);
    const unlearn = () => Promise.reject(new LetheError("ssd/broken", "It does not work any more."));
    return { ...loaded, version: "0.0.2", configured: { ...loaded.configured, method: { ...loaded.configured.method, unlearn } } };
  };
  const workers = startWorkers({ backend: "wasm", jobs: 1, signal: new AbortController().signal, loadMethod: failing });
  const failed = replayResult({ ...request, result: recorded, workers, loadMethod: failing });
  await expect(failed).rejects.toMatchObject({ code: "ssd/broken" });
  const again = await replayResult({ ...request, result: control, workers, loadMethod: failing });
  expect(again.verdict).toBe("equal");
});
