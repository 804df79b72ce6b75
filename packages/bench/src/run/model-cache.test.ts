import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { LetheError } from "@lethe/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { counting } from "../fixtures/counting.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import { openStore } from "../store/store.ts";
import { createModelCache, type Making, type TrainRequest } from "./model-cache.ts";
import { openProblem, type OpenProblem } from "./problem.ts";
import { choose } from "./rows.ts";
import { createStages } from "./stages.ts";

let problem: OpenProblem;
let path: string;
beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  problem = await problemWith({});
});
beforeEach(async () => {
  path = await temporaryFolder();
});

function problemWith(recipe: object): Promise<OpenProblem> {
  return openProblem({ name: "p", data: "digits", test: undefined, model: "mlp", recipe: { epochs: 1, batchSize: 64, ...recipe } }, ".");
}

/** A run of its own over the same store. */
function openRun(change: Partial<Making> = {}) {
  const { signal } = new AbortController();
  const workers = counting(startWorkers({ backend: "wasm", jobs: 1, signal, loadMethod }));
  const stages = createStages(1, () => undefined);
  const making: Making = { store: openStore(path), workers, stages, backend: "wasm", versions: { lethe: "1" }, cwd: ".", ...change };
  return { models: createModelCache(making), workers, stages };
}

const request = (change: Partial<TrainRequest> = {}): TrainRequest => ({
  problem,
  without: ["digits-train-0000", problem.data.train.ids[5]],
  seed: 1,
  stage: "s",
  ...change,
});

describe("the same model", () => {
  test("asked for twice, at once and later, is one job", async () => {
    const { models, workers } = openRun();
    const [a, b] = await Promise.all([models.train(request()), models.train(request({ without: request().without.toReversed() }))]);
    const c = await models.train(request());
    expect(workers.jobs).toEqual(["train"]);
    expect(new Set([a.weights, b.weights, c.weights]).size).toBe(1);
  });

  test("made by an earlier run is no job, and the very same", async () => {
    const before = await openRun().models.train(request());
    const { models, workers, stages } = openRun();
    const after = await models.train(request());
    expect(workers.jobs).toEqual([]);
    expect({ weights: after.weights, loss: after.loss, cost: after.cost, files: await after.files(), outputs: await after.outputs() }).toEqual({
      weights: before.weights,
      loss: before.loss,
      cost: before.cost,
      files: await before.files(),
      outputs: await before.outputs(),
    });
    expect(stages.snapshot().stages).toMatchObject([{ done: 1, found: 1 }]);
  });

  test("that was damaged is made again, with the same weights", async () => {
    const before = await openRun().models.train(request());
    for (const file of await readdir(path, { recursive: true })) if (file.endsWith("result.json")) await writeFile(join(path, file), "{}");
    const { models, workers } = openRun();
    expect((await models.train(request())).weights).toBe(before.weights);
    expect(workers.jobs).toEqual(["train"]);
  });
});

describe("another model is made where there is another", () => {
  const changes: Readonly<Record<string, () => Promise<{ request?: Partial<TrainRequest>; making?: Partial<Making> }>>> = {
    version: async () => ({ making: { versions: { lethe: "2" } } }),
    backend: async () => ({ making: { backend: "cpu" } }),
    seed: async () => ({ request: { seed: 2 } }),
    "sample left out": async () => ({ request: { without: [problem.data.train.ids[5]] } }),
    "batch size": async () => ({ request: { problem: await problemWith({ batchSize: 32 }) } }),
    "learning rate": async () => ({ request: { problem: await problemWith({ schedule: { kind: "constant", rate: 0.01 } }) } }),
    "training set": async () => ({ request: { problem: { ...problem, trainHash: "other" } } }),
    "test set": async () => ({ request: { problem: { ...problem, testHash: "other" } } }),
    architecture: async () => ({ request: { problem: { ...problem, config: { layers: [] } } } }),
  };

  test.each(Object.entries(changes))("%s", async (_, change) => {
    await openRun().models.train(request());
    const { request: other = {}, making } = await change();
    const { models, workers } = openRun(making);
    await models.train(request(other));
    expect(workers.jobs).toEqual(["train"]);
  });

  test("but not for another name of the problem, stage or seed of the same text", async () => {
    await openRun().models.train(request());
    const { models, workers } = openRun();
    await models.train(request({ problem: { ...problem, name: "q" }, stage: "t" }));
    expect(workers.jobs).toEqual([]);
  });
});

describe("an answer", () => {
  const forget = () => problem.data.train.ids.slice(0, 20);
  const answer = async (
    settings: object,
    change: { seed?: string; forget?: readonly string[] } = {},
    making: Partial<Making> = {},
    version?: string,
  ) => {
    const { models, workers } = openRun(making);
    const original = await models.train(request({ without: [] }));
    const loaded = await choose("ssd", { selection: "fixed", alpha: 2, ...settings }, loadMethod, ".");
    const method = { ...loaded, version: version ?? loaded.version };
    const result = await models.unlearn({ problem, original, method, forget: forget(), seed: "r", stage: "s", ...change });
    return { result, jobs: workers.jobs };
  };

  test("is prepared once for all requests, and found again with its costs", async () => {
    const first = await answer({});
    expect(first.jobs).toEqual(["train", "prepare", "unlearn"]);
    const again = await answer({}, { forget: forget().toReversed() });
    expect(again.jobs).toEqual([]);
    expect(again.result.cost).toEqual(first.result.cost);
    expect(again.result.preparation).toEqual(first.result.preparation);
    expect(first.result.options).toMatchObject({ alpha: 2, lambda: 1, batchSize: 64 });
  });

  test("is another for another request", async () => {
    await answer({});
    expect((await answer({}, { seed: "other" })).jobs).toEqual(["unlearn"]);
    expect((await answer({}, { forget: forget().slice(1) })).jobs).toEqual(["unlearn"]);
  });

  test("is prepared anew with another option, batch size or version of the method", async () => {
    await answer({});
    expect((await answer({ alpha: 3 })).jobs).toEqual(["prepare", "unlearn"]);
    expect((await answer({ batchSize: 65 })).jobs).toEqual(["prepare", "unlearn"]);
    expect((await answer({}, {}, {}, "0.0.1")).jobs).toEqual(["prepare", "unlearn"]);
    // A default written out is the same option.
    expect((await answer({ lambda: 1 })).jobs).toEqual([]);
  });
});

test("a method from a file is known by what the file holds", async () => {
  const file = join(path, "mine.js");
  const load = async () => ({ ...(await loadMethod("idle", {}, ".")), source: file, version: undefined });
  await writeFile(file, "export const a = 1;");
  const before = await choose(file, {}, load, ".");
  await writeFile(file, "export const a = 2;");
  expect((await choose(file, {}, load, ".")).content).not.toBe(before.content);
  expect((await choose("idle", {}, loadMethod, ".")).content).toBeUndefined();
});

describe("a failure", () => {
  test("is not tried again in the same run, and nothing of it is kept for the next", async () => {
    const { models, workers } = openRun();
    const original = await models.train(request());
    const method = await choose("broken", {}, loadMethod, ".");
    const ask = (own: typeof models, from = original) =>
      own.unlearn({ problem, original: from, method, forget: problem.data.train.ids.slice(0, 2), seed: "r", stage: "s" });
    for (let count = 0; count < 2; count++) {
      await expect(ask(models)).rejects.toMatchObject({ code: "method/threw", message: "broken ended with an error of its own: x is undefined" });
    }
    expect(workers.jobs).toEqual(["train", "unlearn"]);
    const next = openRun();
    await expect(ask(next.models, await next.models.train(request()))).rejects.toMatchObject({ code: "method/threw" });
    expect(next.workers.jobs).toEqual(["unlearn"]);
  });

  test("of training says which model it is", async () => {
    const wild = await problemWith({ optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 1e30 } });
    await expect(openRun().models.train(request({ problem: wild }))).rejects.toMatchObject({
      code: "result/non-finite",
      details: { problem: "p", seed: 1 },
    });
  });

  test("that a full disk is stays what it is", async () => {
    const store = openStore(path);
    const full: Making["store"] = { ...store, save: () => Promise.reject(new LetheError("file/disk-full", "No room.")) };
    await expect(openRun({ store: full }).models.train(request())).rejects.toMatchObject({ code: "file/disk-full" });
  });
});
