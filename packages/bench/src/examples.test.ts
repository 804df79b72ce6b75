import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "@lethe/backends";
import * as core from "@lethe/core";
import { ssdMethod } from "@lethe/ssd";
import { describeExamples } from "@lethe/vitest/examples";
import { afterAll, beforeAll } from "vitest";
import { loadMethod } from "./fixtures/load-method.ts";
import { exampleResults } from "./fixtures/results/example-results.ts";
import * as bench from "./index.ts";
import { histogram } from "./results/details.ts";
import { replayVerdict } from "./replay/verdict.ts";
import { draw } from "./run/search.ts";
import { canonicalJson } from "./store/key.ts";

const source = `
name: example
seeds: 1
oracles: 2
problems: { digits: { data: digits, model: mlp, recipe: { epochs: 1, batchSize: 128 } } }
scenarios: { random: { forget: random=50 } }
methods: { ssd: }
audits: { attack: { attacks: [rmia], problem: digits, pool: 40, models: 4, targets: 2, forgetSets: 1, forgetSize: 2, population: 20 } }
`;

const example = exampleResults();

/** What a reader is expected to have: a folder of results, one of them, and what it takes to make another. */
let made: Readonly<Record<string, unknown>>;
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "lethe-examples-"));
  const { name: backend, versions } = await chooseBackend({ name: "wasm" });
  const workers = bench.startWorkers({ backend, jobs: 1, signal: new AbortController().signal, loadMethod });
  const experiment = bench.readExperiment(source, "example.yaml");
  const setting = { workers, backend, versions, loadMethod, cwd };
  const results = await bench.runExperiment({ ...setting, experiment, cache: join(cwd, "models") });
  const folder = join(cwd, "example");
  await bench.finishResults(folder, results, {});
  made = { ...setting, experiment, results, result: results.runs[0], audit: results.audits[0], folder, cache: join(cwd, "replayed") };
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describeExamples({
  url: import.meta.url,
  scope: () => ({
    ...core,
    ...bench,
    chooseBackend,
    ssdMethod,
    histogram,
    replayVerdict,
    draw,
    canonicalJson,
    exampleResults: () => example,
    ...made,
  }),
});
