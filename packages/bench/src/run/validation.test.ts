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

const source = `
name: tiny
seeds: 1
oracles: 1
problems:
  whole: { data: digits, model: mlp, recipe: { epochs: 1 } }
  parted: { data: digits, model: mlp, recipe: { epochs: 1 }, validation: 0.25 }
scenarios: { random: { forget: random=10 } }
methods: { onlooking: }
metrics: [forget-accuracy]
`;

let cwd: string;
let runs: readonly RunResult[];
const making = () => ({
  workers: startWorkers({ backend: "cpu", jobs: 1, signal: new AbortController().signal, loadMethod }),
  backend: "cpu" as const,
  versions: { lethe: "1" },
  loadMethod,
  cwd,
});

beforeAll(async () => {
  await chooseBackend({ name: "cpu" });
  cwd = await temporaryFolder();
  ({ runs } = await runExperiment({ ...making(), experiment: readExperiment(source, "tiny.yaml"), cache: join(cwd, "cache") }));
});

const run = (problem: string) => runs.find((each) => each.problem === problem && each.method === "onlooking")!;

test("methods see the samples that were set aside, and no model is trained on them", () => {
  const [whole, parted] = [run("whole"), run("parted")];
  expect(whole.outcome.report).toEqual({ validation: null });
  const { validation: seen } = parted.outcome.report as { readonly validation: number };
  expect(seen).toBeGreaterThan(0.2 * whole.lock.data.trainSize);
  expect(seen + parted.lock.data.trainSize).toBe(whole.lock.data.trainSize);
  expect(parted.lock.data.validation).toBe(0.25);
});

test("the lock says how, so that a replay sets the same samples aside", async () => {
  const result = JSON.parse(JSON.stringify(run("parted"))) as RunResult;
  expect(await replayResult({ ...making(), result, cache: join(cwd, "replay") })).toMatchObject({ verdict: "equal", differences: [] });
  const other = { ...result, lock: { ...result.lock, data: { ...result.lock.data, validation: 0.3 } } };
  await expect(replayResult({ ...making(), result: other, cache: join(cwd, "other") })).rejects.toMatchObject({ code: "data/changed" });
});
