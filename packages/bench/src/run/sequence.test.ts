import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { Model, identifyDataset, prepare, unlearn } from "@lethe/core";
import { finetune } from "@lethe/finetune";
import { ssd } from "@lethe/ssd";
import { beforeAll, expect, test } from "vitest";
import { loadData, withoutIds } from "../data/source.ts";
import { readExperiment } from "../experiment/experiment.ts";
import { counting } from "../fixtures/counting.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import { decodeNetwork } from "../network/files.ts";
import { replayResult } from "../replay/replay-result.ts";
import type { ExperimentResults } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { openStore } from "../store/store.ts";
import { createModelCache } from "./model-cache.ts";
import { packageVersions } from "./package-versions.ts";
import { openProblem } from "./problem.ts";
import { htmlReport } from "../report/html-report.ts";
import { markdownReport } from "../report/markdown-report.ts";
import { summarise } from "../summary/summarise.ts";
import { runExperiment } from "./run-experiment.ts";
import { createStages } from "./stages.ts";

const source = `
name: chain
seeds: [3]
oracles: 1
problems: { digits: { data: digits, model: mlp, recipe: { epochs: 2, batchSize: 128 } } }
scenarios:
  classes: { forget: [class=1, class=2, class=3] }
  draws: { forget: [random=40, random=40] }
  first: { forget: class=1 }
methods:
  ssd: { method: ssd, options: { selection: fixed, alpha: 3 }, scenarios: [classes] }
  tune: { method: finetune, options: { epochs: 1 } }
  broken: { scenarios: [draws] }
metrics: [forget-accuracy, retain-accuracy, test-accuracy-retained-classes, tug-of-war]
`;
const options = { backend: "wasm", versions: {}, loadMethod } as const;

let cwd: string;
let results: ExperimentResults;
let workers: ReturnType<typeof openWorkers>;

const openWorkers = () => counting(startWorkers({ backend: "wasm", jobs: 1, signal: new AbortController().signal, loadMethod }));
const run = (id: string): RunResult => results.runs.find((each) => each.id === `digits/${id}/seed-3`)!;

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  cwd = await temporaryFolder();
  workers = openWorkers();
  results = await runExperiment({ ...options, workers, cwd, cache: join(cwd, "cache"), experiment: readExperiment(source, "chain.yaml") });
});

/** As the experiment has made it: it lies in the cache. */
async function trainedOriginal(): Promise<Model> {
  const [plan] = readExperiment(source, "chain.yaml").problems;
  const making = { store: openStore(join(cwd, "cache")), workers: openWorkers(), stages: createStages(1, () => undefined), cwd };
  const models = createModelCache({ ...making, backend: "wasm", versions: await packageVersions() });
  const original = await models.train({ problem: await openProblem(plan, cwd), without: [], seed: 3, stage: "original" });
  expect(original.weights).toBe(run("classes.1/ssd").weights.original);
  return new Model(await decodeNetwork(await original.files()));
}

test("every request has its result, judged on everything that should be forgotten by then", async () => {
  const { train } = (await loadData({ train: "digits" })) as { train: { labels: Int32Array } };
  const count = (...classes: readonly number[]) => train.labels.filter((label) => classes.includes(label)).length;
  const [first, second, third] = [1, 2, 3].map((request) => run(`classes.${request}/ssd`));
  expect([first, second, third].map(({ forgotten }) => forgotten)).toEqual([
    "class 1",
    "class 2, after 1 earlier request",
    "class 3, after 2 earlier requests",
  ]);
  expect(third.sequence).toEqual({ name: "classes", request: 3, of: 3 });
  expect(third.evaluation.forgottenClasses).toEqual([1, 2, 3]);
  expect([first, second, third].map(({ evaluation }) => evaluation.sampleCounts.forget)).toEqual([count(1), count(1, 2), count(1, 2, 3)]);
  expect(third.lock.earlier!.map(({ kind, seed }) => [kind, seed])).toEqual([
    [{ class: 1 }, "3/request"],
    [{ class: 2 }, "3/request-2"],
  ]);
  expect(first.lock.earlier).toBeUndefined();
  expect(third.lock.method.seed).toBe("3/request-3");
  // Retrained models have seen none of the three classes.
  const forgotten = (result: RunResult, name: string) => result.evaluation.unlearned.metrics.find((metric) => metric.name === name)!.oracles;
  expect(forgotten(third, "forget-accuracy")).toMatchObject({ values: [0] });
});

test("random requests draw from what those before have left", () => {
  const { lock } = run("draws.2/tune");
  const [before] = lock.earlier!;
  expect([before.ids.length, lock.forget.ids.length]).toEqual([40, 40]);
  expect(lock.forget.ids.filter((id) => before.ids.includes(id))).toEqual([]);
});

test("each answer starts from the one before, with its artifact, on what was left: as by hand", async () => {
  const { train } = await loadData({ train: "digits" });
  const original = await trainedOriginal();
  const method = ssd({ selection: "fixed", alpha: 3 });
  const prepared = await prepare({ model: original.network, data: train, method, seed: "3/prepare" });
  let network = original.network;
  let artifact = prepared.artifact;
  const gone: string[] = [];
  for (const [index, seed] of ["3/request", "3/request-2", "3/request-3"].entries()) {
    const data = withoutIds(train, gone);
    const result = await unlearn({ model: network, data, forget: { class: index + 1 }, method, artifact, seed });
    expect(await new Model(result.model).hash()).toBe(run(`classes.${index + 1}/ssd`).weights.unlearned);
    gone.push(...result.forgotten);
    network = result.model;
    artifact = result.artifact;
  }
  expect(artifact!.data).toEqual({ identity: await identifyDataset(withoutIds(train, gone)), size: train.size - gone.length });
  // A method without an artifact goes the same way.
  const tuned = finetune({ epochs: 1 });
  const one = await unlearn({ model: original.network, data: train, forget: { class: 1 }, method: tuned, seed: "3/request" });
  const two = await unlearn({ model: one.model, data: withoutIds(train, one.forgotten), forget: { class: 2 }, method: tuned, seed: "3/request-2" });
  expect(await new Model(two.model).hash()).toBe(run("classes.2/tune").weights.unlearned);
});

test("the report shows each sequence by request, and the summary says which is which", () => {
  const { scenarios } = summarise(results);
  expect(scenarios.map(({ sequence }) => sequence?.request ?? null)).toEqual([1, 2, 3, 1, 2, null]);
  const report = markdownReport(results);
  const [, section] = report.split("Requests that follow one another");
  const table = section.split("digits: classes: Forget accuracy")[1].split("\n\n")[1];
  const [head, , ...rows] = table.split("\n");
  expect(head.match(/Request \d/g)).toEqual(["Request 1", "Request 2", "Request 3"]);
  expect(rows.map((row) => row.split("|")[1].trim())).toEqual(["do nothing", "ssd", "tune", "retrain (control)"]);
  const last = run("classes.3/tune").evaluation.unlearned.metrics.find(({ name }) => name === "forget-accuracy")!;
  expect(rows[2].split("|")[4]).toContain((100 * last.value!).toFixed(1));
  expect(report).toContain("digits: classes, request 3 of 3");
  // Only what the request itself changed, not all requests so far.
  expect(run("classes.2/tune").details.moved).toBeGreaterThan(0);
  expect(htmlReport(results)).toContain("tune: Tug-of-War after request 1");
});

test("no answer is made twice, and the first request shares its models with a single one", () => {
  const count = (kind: string) => workers.jobs.filter((each) => each === kind).length;
  // 3 requests to ssd; to finetune 3 + 2 + 1, of which the single one keeps no artifact; the broken method fails once.
  expect(count("unlearn")).toBe(3 + 3 + 2 + 1 + 1);
  // The original; for each request an oracle and a control, those of class 1 twice used.
  expect(count("train")).toBe(1 + 2 * (3 + 2));
  expect(run("first/tune").weights).toEqual(run("classes.1/tune").weights);
});

test("a method that failed on a request has failed on those after it", () => {
  expect(results.failures.map(({ id }) => id)).toEqual(["digits/draws.1/broken/seed-3", "digits/draws.2/broken/seed-3"]);
});

test("a later request is replayed from its lock, bit by bit", async () => {
  // The lock alone decides: not what else the result says of its place.
  const recorded = JSON.parse(JSON.stringify({ ...run("classes.3/ssd"), sequence: undefined })) as RunResult;
  const again = openWorkers();
  const replay = await replayResult({ ...options, result: recorded, workers: again, cwd, cache: join(cwd, "replay") });
  expect(replay).toMatchObject({ verdict: "equal", differences: [], found: 0 });
  expect(replay.weights.filter(({ verdict }) => verdict !== "equal")).toEqual([]);
  expect(again.jobs.filter((each) => each === "unlearn")).toHaveLength(3);
  expect(replay.replayed.forgotten).toBe(recorded.forgotten);
});
