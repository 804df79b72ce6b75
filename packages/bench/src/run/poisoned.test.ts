import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { beforeAll, expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import { replayResult } from "../replay/replay-result.ts";
import type { RunResult } from "../results/run-result.ts";
import { runExperiment } from "./run-experiment.ts";

const recipe = "recipe: { epochs: 12, batchSize: 64 }";
const source = `
name: tiny
seeds: 1
oracles: 2
problems:
  triggered:
    data: digits
    model: mlp
    ${recipe}
    poison: { kind: backdoor, trigger: { kind: features, indices: [0, 7, 56, 63], value: 1 }, target: 0, count: 120 }
  confused:
    data: digits
    model: mlp
    ${recipe}
    poison: { kind: interclass-confusion, classes: [4, 9], count: 160 }
scenarios: { poisoned: { forget: poisoned } }
methods: { idle: , retrain: }
metrics: [forget-accuracy, test-accuracy, backdoor-success-rate, interclass-confusion-share, original-label-accuracy]
`;

let cwd: string;
let runs: readonly RunResult[];
const making = () => ({
  workers: startWorkers({ backend: "wasm", jobs: 1, signal: new AbortController().signal, loadMethod }),
  backend: "wasm" as const,
  versions: { lethe: "1" },
  loadMethod,
  cwd,
});

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  cwd = await temporaryFolder();
  ({ runs } = await runExperiment({ ...making(), experiment: readExperiment(source, "tiny.yaml"), cache: join(cwd, "cache") }));
});

const run = (problem: string, method: string) => runs.find((each) => each.problem === problem && each.method === method)!;
const metric = ({ evaluation }: RunResult, name: string) => evaluation.unlearned.metrics.find((each) => each.name === name);

test("a backdoor opens until its samples are forgotten", () => {
  const [kept, gone] = [run("triggered", "idle"), run("triggered", "retrain")];
  expect(kept.forgotten).toBe("120 poisoned samples");
  expect(kept.lock.forget.kind).toEqual({ poisoned: 120 });
  expect(metric(kept, "backdoor-success-rate")!.value).toBeGreaterThan(0.9);
  expect(metric(kept, "backdoor-success-rate")!.oracles.mean).toBeLessThan(0.5);
  expect(metric(gone, "backdoor-success-rate")!.value).toBeLessThan(0.5);
  expect(metric(kept, "original-label-accuracy")!.value).toBeLessThan(0.1);
  expect(metric(gone, "original-label-accuracy")!.value).toBeGreaterThan(0.4);
  expect(metric(kept, "interclass-confusion-share")).toBeUndefined();
});

test("two classes are confused until the swapped samples are forgotten", () => {
  const [kept, gone] = [run("confused", "idle"), run("confused", "retrain")];
  expect(metric(kept, "interclass-confusion-share")!.value).toBeGreaterThan(0.2);
  expect(metric(gone, "interclass-confusion-share")!.value).toBeLessThan(0.1);
  expect(metric(gone, "original-label-accuracy")!.value).toBeGreaterThan(0.9);
  expect(metric(kept, "backdoor-success-rate")).toBeUndefined();
});

test("the lock holds the poison, so that a replay makes the same data and the same numbers", async () => {
  const result = JSON.parse(JSON.stringify(run("triggered", "idle"))) as RunResult;
  expect(result.lock.data.poison).toMatchObject({ kind: "backdoor", target: 0, count: 120 });
  const replay = await replayResult({ ...making(), result, cache: join(cwd, "replay") });
  expect(replay).toMatchObject({ verdict: "equal", differences: [] });
  const other = { ...result, lock: { ...result.lock, data: { ...result.lock.data, poison: { ...result.lock.data.poison!, seed: 5 } } } };
  await expect(replayResult({ ...making(), result: other as RunResult, cache: join(cwd, "other") })).rejects.toMatchObject({ code: "data/changed" });
});
