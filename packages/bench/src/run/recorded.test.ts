import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { createContext, memoryStorage, Model, train, unlearn } from "@lethe/core";
import { deepObliviateMethod } from "@lethe/deep-obliviate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadData, withoutIds } from "../data/source.ts";
import { readExperiment } from "../experiment/experiment.ts";
import { counting } from "../fixtures/counting.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import { decodeNetwork } from "../network/files.ts";
import { startingModel } from "../network/network.ts";
import { replayResult } from "../replay/replay-result.ts";
import type { ExperimentResults } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { openProblem } from "./problem.ts";
import { runExperiment } from "./run-experiment.ts";

const source = `
name: blocks
seeds: [3]
oracles: 1
problems:
  digits:
    data: digits
    model: mlp
    recipe: { epochs: 1, batchSize: 64, order: { kind: blocks, blocks: 6 } }
scenarios:
  draws: { forget: [random=20, random=20] }
methods:
  deep-obliviate: { options: { minimumPoints: 3, threshold: 0.5 } }
  ssd:
metrics: [forget-accuracy, retain-accuracy]
audits:
  watched: { problem: digits, methods: [deep-obliviate], pool: 200, models: 4, targets: 2, forgetSets: 2, forgetSize: 10 }
`;
const small = source.replace(/audits:[^]*/, "");
const options = { backend: "wasm", versions: {}, loadMethod } as const;

type Counted = ReturnType<typeof counting>;
const opened: Counted[] = [];
function openWorkers(count = 1): Counted {
  const entry = count === 1 ? undefined : new URL("../fixtures/worker.mjs", import.meta.url);
  const workers = counting(startWorkers({ backend: "wasm", jobs: 100, count, signal: new AbortController().signal, loadMethod, entry }));
  opened.push(workers);
  return workers;
}

let cwd: string;
let results: ExperimentResults;
let workers: Counted;
const run = (id: string, from = results): RunResult => from.runs.find((each) => each.id === `digits/${id}/seed-3`)!;
const experiment = (text = source) => readExperiment(text, "blocks.yaml");

beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  cwd = await temporaryFolder();
  workers = openWorkers();
  results = await runExperiment({ ...options, workers, cwd, cache: join(cwd, "cache"), experiment: experiment() });
});
afterAll(() => Promise.all(opened.map((each) => each.close())));

describe("a method that has to watch the training", () => {
  test("answers one request after the other as by hand, from a recording that each answer changes", async () => {
    expect(results.failures).toEqual([]);
    const { train: data } = await loadData({ train: "digits" });
    const problem = await openProblem(experiment().problems[0], cwd);
    const method = { method: deepObliviateMethod, options: run("draws.1/deep-obliviate").lock.method.options };
    const storage = memoryStorage();
    const recipe = problem.recipe(3);
    const start = startingModel(await decodeNetwork(problem.architecture), recipe);
    const recorder = deepObliviateMethod.record!(method.options as never, createContext({ storage }));
    const trained = await train({ model: start, data, recipe, context: createContext(), recorder });
    let model = start.copy(trained.weights);
    let { artifact } = trained as { artifact: typeof trained.artifact | undefined };
    const { weights: locked, cost } = run("draws.1/deep-obliviate");
    expect(await model.hash()).toBe(locked.original);
    expect(artifact!.metadata["bytes"]).toBe(cost.preparation!.bytesStored);
    const gone: string[] = [];
    for (const name of ["draws.1", "draws.2"]) {
      const { lock, weights, outcome } = run(`${name}/deep-obliviate`);
      const answer = await unlearn({
        model,
        data: withoutIds(data, gone),
        forget: lock.forget.ids,
        method,
        artifact,
        storage,
        seed: lock.method.seed,
      });
      model = new Model(answer.model);
      artifact = answer.artifact;
      gone.push(...answer.forgotten);
      expect(await model.hash()).toBe(weights.unlearned);
      expect(outcome.report).toEqual(answer.report);
    }
  });

  test("is recorded once for all requests, beside an original that all methods share", () => {
    const count = (kind: string) => workers.jobs.filter((each) => each === kind).length;
    expect(results.audits.map(({ id }) => id)).toContain("watched/deep-obliviate");
    // The original and each of the audit's models.
    expect(count("record")).toBe(1 + 6);
    expect(count("prepare")).toBe(1);
    expect(run("draws.1/deep-obliviate").weights.original).toBe(run("draws.1/ssd").weights.original);
  });

  test("has the watched training for the cost of preparing", () => {
    const { preparation, training } = run("draws.1/deep-obliviate").cost;
    expect(preparation).toMatchObject({ samplesForward: training.samplesForward, samplesBackward: training.samplesBackward });
    expect(training.bytesStored).toBe(0);
  });

  test("leaves no copies behind: of the two answers and the recordings each folder is there once", async () => {
    const folders = (await readdir(join(cwd, "cache"), { recursive: true })).filter((path) => path.endsWith("trajectory.safetensors"));
    expect(folders).toHaveLength(1 + 2 + 6);
    expect(await readdir(join(cwd, "cache", "scratch"))).toEqual([]);
  });
});

describe("the same results come", () => {
  const untimed = ({ weights, evaluation, outcome }: RunResult) => ({ weights, evaluation, outcome });
  const both = ["draws.1/deep-obliviate", "draws.2/deep-obliviate"];

  test("from worker processes", async () => {
    const others = await runExperiment({
      ...options,
      workers: openWorkers(2),
      cwd,
      cache: join(cwd, "others"),
      experiment: experiment(small.replace("  ssd:\n", "")),
    });
    for (const id of both) expect(untimed(run(id, others))).toEqual(untimed(run(id)));
  });

  test("from the cache, where nothing is done again", async () => {
    const again = openWorkers();
    const found = await runExperiment({ ...options, workers: again, cwd, cache: join(cwd, "cache"), experiment: experiment() });
    for (const id of both) expect(run(id, found)).toEqual(run(id));
    expect(again.jobs).toEqual([]);
  });

  test("from the lock of the second request", async () => {
    const again = openWorkers();
    const result = JSON.parse(JSON.stringify({ ...run("draws.2/deep-obliviate"), sequence: undefined })) as RunResult;
    const replay = await replayResult({ ...options, result, workers: again, cwd, cache: join(cwd, "replay") });
    expect(replay).toMatchObject({ verdict: "equal", differences: [], found: 0 });
    expect(again.jobs.toSorted()).toEqual(["judge", "record", "train", "train", "unlearn", "unlearn"]);
  });
});

describe("before anything is trained", () => {
  const refused = (text: string) =>
    runExperiment({ ...options, workers: openWorkers(), cwd, cache: join(cwd, "refused"), experiment: experiment(text) });

  test("a problem whose training cannot be recorded is refused, by its name and the row's", async () => {
    await expect(refused(source.replace(", order: { kind: blocks, blocks: 6 }", ""))).rejects.toMatchObject({
      code: "experiment/not-recordable",
      details: { method: "deep-obliviate", problem: "digits", code: "deep-obliviate/not-block-wise" },
      message: expect.stringMatching(/^deep-obliviate has to watch the training of digits, and cannot\. .* order/) as string,
    });
    expect(opened.at(-1)!.jobs).toEqual([]);
  });

  test("so is a method that has to watch and has no recorder", async () => {
    const blind = source.replace("  ssd:", "  blind:");
    await expect(refused(blind)).rejects.toMatchObject({
      code: "experiment/not-recordable",
      details: { method: "blind", code: "method/no-recorder" },
    });
  });
});

test("a recorder that disturbs the training fails its own row, not the others", async () => {
  const text = small.replace("  ssd:", "  clumsy:");
  const { failures, runs } = await runExperiment({
    ...options,
    workers: openWorkers(),
    cwd,
    cache: join(cwd, "cache"),
    experiment: experiment(text),
  });
  expect(failures.map(({ id, code }) => ({ id, code }))).toEqual(
    [1, 2].map((request) => ({ id: `digits/draws.${request}/clumsy/seed-3`, code: "method/recorded-other-model" })),
  );
  expect(runs.map(({ method }) => method)).toContain("deep-obliviate");
});

test("a recording that was damaged is not used, and made again by the next run", async () => {
  const cache = join(cwd, "damaged");
  const first = small.replace("[random=20, random=20]", "random=20");
  const go = (text: string, own = openWorkers()) => runExperiment({ ...options, workers: own, cwd, cache, experiment: experiment(text) });
  await go(first);
  const found = (await readdir(cache, { recursive: true })).find((path) => path.endsWith("trajectory.safetensors"));
  const head = join(cache, found!);
  const bytes = await readFile(head);
  bytes[bytes.length - 2] ^= 1;
  await writeFile(head, bytes);
  const other = first.replace("random=20", "random=30");
  await expect(go(other)).rejects.toMatchObject({ code: "experiment/cache-changed" });
  const again = openWorkers();
  expect((await go(other, again)).failures).toEqual([]);
  expect(again.jobs.filter((kind) => kind === "record")).toHaveLength(1);
});
