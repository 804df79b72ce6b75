import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import { LetheError } from "@lethe/core";
import { beforeAll, describe, expect, test } from "vitest";
import { readExperiment } from "../experiment/experiment.ts";
import { counting } from "../fixtures/counting.ts";
import { temporaryFolder } from "../fixtures/folder.ts";
import { loadMethod } from "../fixtures/load-method.ts";
import { startWorkers } from "../jobs/start-workers.ts";
import type { Workers } from "../jobs/workers.ts";
import type { ExperimentResults } from "../results/experiment-results.ts";
import { runExperiment, type Estimate, type ExperimentRequest } from "./run-experiment.ts";
import type { Progressing } from "./stages.ts";

const head = `
name: tiny
oracles: 2
trials: 2
problems:
  digits: { data: digits, model: mlp, recipe: { epochs: 1, batchSize: 128 } }
`;
const source = `${head}
seeds: 2
scenarios: { class: { forget: class=1 }, random: { forget: random=50 } }
methods:
  broken: { scenarios: [class] }
  ssd: { method: ssd, options: { selection: fixed } }
  tuned: { method: ssd, options: { selection: fixed, alpha: 3 }, search: { alpha: { from: 1, to: 2 } }, scenarios: [random] }
`;

let cwd: string;
beforeAll(async () => {
  await chooseBackend({ name: "wasm" });
  cwd = await temporaryFolder();
});

function openWorkers(signal = new AbortController().signal) {
  return counting(startWorkers({ backend: "wasm", jobs: 1, signal, loadMethod }));
}

function requestOf(text: string, change: Partial<ExperimentRequest> = {}): ExperimentRequest {
  const experiment = readExperiment(text, "tiny.yaml");
  return { experiment, cache: join(cwd, "cache"), workers: openWorkers(), backend: "wasm", versions: { lethe: "1" }, loadMethod, cwd, ...change };
}

test("a problem with seeds and oracles of its own has results for these alone", async () => {
  const small = head.replace(
    "digits: {",
    "slow: { data: digits, model: mlp, recipe: { epochs: 1, batchSize: 256 }, seeds: [5], oracles: 1 }\n  digits: {",
  );
  const text = `${small}seeds: [2, 4]\nscenarios: { class: { forget: class=1 } }\nmethods: { idle: }\n`;
  const workers = openWorkers();
  const { runs } = await runExperiment(requestOf(text, { workers, cache: join(cwd, "own-seeds") }));
  expect(runs.map(({ id, evaluation }) => [id, evaluation.oracleCount])).toEqual([
    ["slow/class/idle/seed-5", 1],
    ["slow/class/control/seed-5", 1],
    ["digits/class/idle/seed-2", 2],
    ["digits/class/idle/seed-4", 2],
    ["digits/class/control/seed-2", 2],
    ["digits/class/control/seed-4", 2],
  ]);
  expect(workers.jobs.filter((kind) => kind === "train")).toHaveLength(1 + 2 + 2 * (1 + 3));
});

describe("an experiment", () => {
  let results: ExperimentResults;
  let first: ReturnType<typeof openWorkers>;
  const saved: string[] = [];
  const progress: Progressing[] = [];
  let estimate: Estimate | undefined;
  beforeAll(async () => {
    first = openWorkers();
    results = await runExperiment(
      requestOf(source, {
        workers: first,
        onResult: async ({ id }) => void saved.push(id),
        onProgress: (each) => progress.push(each),
        onEstimate: (found) => (estimate = found),
      }),
    );
  });

  test("has every row in the order of the file, the control last", () => {
    expect(results.runs.map(({ id }) => id)).toEqual([
      "digits/class/ssd/seed-0",
      "digits/class/ssd/seed-1",
      "digits/class/control/seed-0",
      "digits/class/control/seed-1",
      "digits/random/ssd/seed-0",
      "digits/random/ssd/seed-1",
      "digits/random/tuned/seed-0",
      "digits/random/tuned/seed-1",
      "digits/random/control/seed-0",
      "digits/random/control/seed-1",
    ]);
    expect(saved.toSorted()).toEqual(results.runs.map(({ id }) => id).toSorted());
  });

  test("reports a method that threw, and the others are there", () => {
    expect(results.failures).toEqual(
      [0, 1].map((seed) => ({
        id: `digits/class/broken/seed-${seed}`,
        problem: "digits",
        scenario: "class",
        method: "broken",
        seed,
        code: "method/threw",
        message: "broken ended with an error of its own: x is undefined",
      })),
    );
  });

  test("trains each model once: two originals, three retrained for each request, and the searched ones", () => {
    const count = (kind: string) => first.jobs.filter((each) => each === kind).length;
    expect(count("train")).toBe(2 + 2 * 2 * 3 + 3);
    // Trials; then broken, ssd and tuned; what is prepared serves both scenarios.
    expect(count("unlearn")).toBe(2 + 2 + 4 + 2);
    expect(count("prepare")).toBe(2 + 2 + 2);
    expect(count("judge")).toBe(results.runs.length);
    expect(estimate).toMatchObject({ trainings: 17, requests: 10 });
    expect(estimate!.seconds).toBeGreaterThan(0);
  });

  test("foresees its work, and has done it in the end", () => {
    const last = progress.at(-1)!;
    expect(last.secondsLeft).toBe(0);
    for (const { id, total, done } of last.stages) expect([id, done]).toEqual([id, total]);
    // What a failed row leaves undone is all that came out otherwise.
    const foreseen = new Map(progress.find(({ stages }) => stages.length === last.stages.length)!.stages.map(({ id, total }) => [id, total]));
    const differing = last.stages.filter(({ id, total }) => foreseen.get(id) !== total).map(({ id }) => id);
    expect(differing).toEqual(["judging digits"]);
  });

  test("compares each method with its own oracles", () => {
    const [ssd, , control] = results.runs;
    expect(ssd.weights.oracles).toEqual(control.weights.oracles);
    expect(new Set([...ssd.weights.oracles, control.weights.unlearned, ssd.weights.original, ssd.weights.unlearned]).size).toBe(5);
    expect(ssd.lock).toMatchObject({
      forget: { kind: { class: 1 } },
      oracleSeeds: ["0/oracle-1", "0/oracle-2"],
      recipe: { seed: 0, batchSize: 128 },
    });
    expect(control.role).toBe("control");
    expect(ssd.evaluation).toMatchObject({ oracleCount: 2, sampleCounts: { test: 360 } });
  });

  test("searches options once for all seeds", () => {
    const [a, b] = results.runs.filter(({ method }) => method === "tuned");
    expect(a.cost.search?.scores.length).toBe(2);
    expect(b.cost.search).toEqual(a.cost.search);
    expect(b.lock.method.options).toEqual(a.lock.method.options);
  });

  test("run again does nothing and says the same, with an estimate or without", async () => {
    const workers = openWorkers();
    const again = await runExperiment(requestOf(source, { workers }));
    // What failed is tried again.
    expect(workers.jobs).toEqual(["unlearn", "unlearn"]);
    expect(JSON.stringify(again)).toBe(JSON.stringify(results));
  });

  test("gives the same numbers elsewhere, in another order of work", async () => {
    const { runs } = await runExperiment(
      requestOf(`${head}\nseeds: [1]\nscenarios: { random: { forget: random=50 } }\nmethods: { ssd: { options: { selection: fixed } } }\n`, {
        cache: join(cwd, "other"),
      }),
    );
    const same = results.runs.filter(({ scenario, seed, method }) => scenario === "random" && seed === 1 && method !== "tuned");
    expect(runs.map(({ evaluation, weights, details, lock }) => ({ evaluation, weights, details, lock }))).toEqual(
      JSON.parse(JSON.stringify(same.map(({ evaluation, weights, details, lock }) => ({ evaluation, weights, details, lock })))),
    );
  });
});

describe("two rows that ask for the same", () => {
  test("share the work, and the results but for their names", async () => {
    const workers = openWorkers();
    const text = `${head}\nseeds: [3]\nscenarios: { random: { forget: random=50 } }\nmethods: { a: { method: ssd }, b: { method: ssd, options: { lambda: 1 } } }\n`;
    const { runs } = await runExperiment(requestOf(text, { workers }));
    const [a, b] = runs;
    expect({ ...b, id: a.id, method: a.method }).toEqual(a);
    expect(workers.jobs.filter((kind) => kind !== "train").toSorted()).toEqual(["judge", "judge", "prepare", "unlearn"]);
  });
});

describe("an error that concerns everything", () => {
  const small = `${head}\nseeds: 4\nscenarios: { random: { forget: random=50 } }\nmethods: { idle: }\n`;

  /** Fails at the first job of a kind, and counts what is begun after that. */
  function failingAt(kind: string, error: Error) {
    const inner = openWorkers();
    let failed = false;
    let begunAfter = 0;
    const workers: Workers = {
      ...inner,
      run: (job, watch) =>
        inner.run(async () => {
          begunAfter += Number(failed);
          const given = typeof job === "function" ? await job() : job;
          if (given.kind !== kind || failed) return given;
          failed = true;
          throw error;
        }, watch),
    };
    return { workers, begunAfter: () => begunAfter };
  }

  test("stops the queue and is what is thrown", async () => {
    const { workers, begunAfter } = failingAt("unlearn", new LetheError("environment/worker-lost", "Gone."));
    const running = runExperiment(requestOf(small, { workers, cache: join(cwd, "stopped") }));
    await expect(running).rejects.toMatchObject({ code: "environment/worker-lost" });
    // The one that was being done may end; the others are not begun.
    expect(begunAfter()).toBeLessThanOrEqual(1);
  });

  test("is any that is not Lethe's", async () => {
    const { workers } = failingAt("train", new TypeError("a bug"));
    await expect(runExperiment(requestOf(small, { workers, cache: join(cwd, "bug") }))).rejects.toThrow("a bug");
  });

  test("is one of whoever takes the results, even if it looks like a method's", async () => {
    const onResult = () => Promise.reject(new LetheError("options/invalid", "Not mine."));
    await expect(runExperiment(requestOf(small, { onResult, cache: join(cwd, "taker") }))).rejects.toMatchObject({ code: "options/invalid" });
  });

  test("interrupted and run again, ends with the results of an undisturbed run", async () => {
    const undisturbed = await runExperiment(requestOf(small, { cache: join(cwd, "undisturbed") }));
    const cache = join(cwd, "interrupted");
    const interruption = new AbortController();
    const interrupted = requestOf(small, { cache, workers: openWorkers(interruption.signal), onResult: async () => interruption.abort() });
    await expect(runExperiment(interrupted)).rejects.toMatchObject({ code: "run/aborted" });
    const { runs } = await runExperiment(requestOf(small, { cache }));
    const numbers = (all: ExperimentResults["runs"]) => all.map(({ id, evaluation, weights, details }) => ({ id, evaluation, weights, details }));
    expect(numbers(runs)).toEqual(numbers(undisturbed.runs));
  });
});

describe("what is wrong is said before anything is trained", () => {
  const methods = (text: string) => `${head}\nseeds: 1\nscenarios: { random: { forget: random=50 } }\nmethods: ${text}\n`;
  test.each([
    ["an unknown method", methods("{ nobody: }"), "method/not-installed"],
    ["an unknown option", methods("{ ssd: { options: { alhpa: 1 } } }"), "options/invalid"],
    ["a search of nothing", methods("{ retrain: { search: usual } }"), "experiment/nothing-to-search"],
    [
      "an audit of the wrong size",
      `${methods("{ ssd: }")}audits: { a: { problem: digits, models: 5, targets: 2, forgetSets: 1, forgetSize: 5 } }`,
      "metrics/bad-plan",
    ],
  ])("%s", async (_, text, code) => {
    const workers = openWorkers();
    await expect(runExperiment(requestOf(text, { workers }))).rejects.toMatchObject({ code });
    expect(workers.jobs).toEqual([]);
  });
});
