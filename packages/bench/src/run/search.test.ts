import { LetheError, arrayDataset, createRandom, type Dataset, type HostTensor } from "@lethe/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idleMethod } from "../fixtures/methods.ts";
import type { LoadMethod } from "../jobs/job.ts";
import type { ModelCache, TrainRequest, UnlearnRequest } from "./model-cache.ts";
import type { OpenProblem } from "./problem.ts";
import type { MethodRow } from "./rows.ts";
import { draw, searchOptions } from "./search.ts";

const size = 50;
const labels = Array.from({ length: size }, (_, index) => index % 2);
const train = arrayDataset({ inputs: new Float32Array(size), inputShape: [1], labels });

/** Whoever reads a test sample, or what a model says of one, has failed. */
const forbidden = (): never => {
  throw new Error("test data was looked at");
};
const unseen: Dataset = {
  ...train,
  name: "test",
  ids: new Proxy([], { get: forbidden }),
  labels: new Proxy(new Int32Array(0), { get: forbidden }),
  read: forbidden,
};

const problem = {
  name: "p",
  data: { source: { train: "p" }, train, test: unseen },
  trainHash: "a",
  testHash: "b",
  builder: "mlp",
  architecture: {},
  config: null,
  recipe: forbidden,
} as unknown as OpenProblem;

/** Logits that are right for all training samples but these. */
function outputsWrongFor(wrong: readonly string[]) {
  const values = Float32Array.from(
    train.ids.flatMap((id, row) => {
      const said = wrong.includes(id) ? 1 - labels[row] : labels[row];
      return said === 0 ? [1, 0] : [0, 1];
    }),
  );
  const logits: HostTensor = { shape: [size, 2], values };
  return Promise.resolve(Object.defineProperty({ train: logits }, "test", { get: forbidden, enumerable: true }));
}

interface Wrong {
  readonly forget: number;
  readonly validation: number;
}

/** Models as they would be made: retrained ones make no mistake, an unlearned one as many as its options say. */
function fakeModels(wrongOf: (settings: Readonly<Record<string, unknown>>) => Wrong) {
  const trained: TrainRequest[] = [];
  const asked: UnlearnRequest[] = [];
  const cost = (seconds: number) => ({ samplesForward: 0, samplesBackward: 0, hessianVectorProducts: 0, bytesStored: 0, seconds });
  const models = {
    async train(request: TrainRequest) {
      trained.push(request);
      return { request, cost: cost(10), outputs: () => outputsWrongFor([]) };
    },
    async unlearn(request: UnlearnRequest) {
      asked.push(request);
      const { forget, validation } = wrongOf(request.method.settings);
      const held = trained[0].without;
      return {
        cost: cost(1),
        preparation: cost(0.5),
        outputs: () => outputsWrongFor([...request.forget.slice(0, forget), ...held.slice(0, validation)]),
      };
    },
  };
  return { models: models as unknown as ModelCache, trained, asked };
}

const loadMethod: LoadMethod = async (_name, settings) => {
  if (settings["strength"] === "refused") throw new LetheError("options/invalid", "strength: refused.");
  return { configured: { method: idleMethod, options: settings }, source: "idle", version: "1" };
};

const choices = (...values: (string | number)[]) => ({ choices: values });

async function search(space: NonNullable<MethodRow["space"]>, wrongOf: (settings: Readonly<Record<string, unknown>>) => Wrong, change: object = {}) {
  const fake = fakeModels(wrongOf);
  const row = {
    name: "row",
    method: "idle",
    options: { strength: 0, other: "kept" },
    space,
    ...change,
  } as unknown as Parameters<typeof searchOptions>[1];
  const setting = { problem, scenario: "s", forget: "random=4", trials: 6, loadMethod, cwd: ".", models: fake.models };
  return { ...(await searchOptions(setting, row)), ...fake };
}

describe("a search", () => {
  test("tries as often as it is told, the given options first", async () => {
    const { asked, summary } = await search({ strength: choices(1, 2, 3) }, () => ({ forget: 0, validation: 0 }));
    expect(asked.map(({ method }) => method.settings["other"])).toEqual(Array.from({ length: 6 }, () => "kept"));
    expect(asked[0].method.settings).toEqual({ strength: 0, other: "kept" });
    expect(asked.slice(1).every(({ method }) => [1, 2, 3].includes(method.settings["strength"] as number))).toBe(true);
    // Of equals the first wins: searching changes nothing that was as good.
    expect(summary).toMatchObject({ trials: 6, chosen: 0, scores: [1, 1, 1, 1, 1, 1] });
  });

  test("scores by the tug-of-war on the training data alone", async () => {
    // Strength k: k of 4 forgotten samples and k of 10 held-out ones are wrong, where retrained models make no mistake.
    const { summary, method, asked } = await search({ strength: choices(1, 2, 3) }, ({ strength }) => {
      const wrong = strength === 0 ? 4 : (strength as number);
      return { forget: wrong, validation: wrong };
    });
    const scoreOf = (wrong: number) => (1 - wrong / 4) * (1 - wrong / 10);
    const strengths = asked.map((request) => request.method.settings["strength"] as number);
    summary.scores.forEach((score, trial) => expect(score).toBeCloseTo(scoreOf(strengths[trial] === 0 ? 4 : strengths[trial]), 12));
    expect(summary.scores[0]).toBe(0);
    expect(summary.chosen).toBe(strengths.indexOf(Math.min(...strengths.slice(1))));
    expect(method.settings).toEqual(asked[summary.chosen].method.settings);
  });

  test("works on models of its own: a fifth held out, another forget set, other seeds", async () => {
    const { trained, asked } = await search({ strength: choices(1) }, () => ({ forget: 0, validation: 0 }));
    const [original, ...oracles] = trained;
    expect(original.without.length).toBe(size / 5);
    expect(trained.map(({ seed }) => seed)).toEqual(["search", "search/oracle-1", "search/oracle-2"]);
    for (const { forget } of asked) {
      expect(forget.length).toBe(4);
      expect(forget.filter((id) => original.without.includes(id))).toEqual([]);
      for (const { without } of oracles) expect(without).toEqual([...original.without, ...forget]);
    }
  });

  test("counts what it took: three trainings, every trial and its preparation", async () => {
    const { summary } = await search({ strength: choices(1) }, () => ({ forget: 0, validation: 0 }));
    expect(summary.seconds).toBe(3 * 10 + 6 * 1.5);
  });

  test("is the same again, whatever the order of the ranges", async () => {
    const space = { strength: { from: 1, to: 9, scale: "linear" }, other: choices("a", "b") } as const;
    const backwards = { other: space.other, strength: space.strength };
    const settings = async (own: NonNullable<MethodRow["space"]>) =>
      (await search(own, () => ({ forget: 0, validation: 0 }))).asked.map(({ method }) => method.settings);
    expect(await settings(backwards)).toEqual(await settings(space));
  });

  test("gives a trial that failed no score", async () => {
    const { summary, asked } = await search({ strength: choices("refused", 1) }, () => ({ forget: 1, validation: 0 }));
    const failed = summary.scores.filter((score) => score === null).length;
    expect(failed).toBeGreaterThan(0);
    expect([summary.scores.length, asked.length]).toEqual([6, 6 - failed]);
    expect(summary.scores.filter((score) => score !== null)).toEqual(asked.map(() => 0.75));
  });

  test("fails where no trial works, or no draw is accepted", async () => {
    const broken = (): Wrong => {
      throw new LetheError("method/threw", "It broke.");
    };
    await expect(search({ strength: choices(1) }, broken)).rejects.toMatchObject({
      code: "experiment/search-failed",
      message: expect.stringContaining("It broke.") as unknown,
    });
    const misspelt = search({ strength: choices("refused") }, () => ({ forget: 0, validation: 0 }));
    await expect(misspelt).rejects.toMatchObject({ code: "experiment/search-failed", details: { code: "options/invalid" } });
  });

  test("passes on what no method is to blame for", async () => {
    const full = (): Wrong => {
      throw new LetheError("file/disk-full", "No room.");
    };
    await expect(search({ strength: choices(1) }, full)).rejects.toMatchObject({ code: "file/disk-full" });
  });
});

describe("draws", () => {
  const range = fc.tuple(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), fc.double({ min: 1.001, max: 1e6, noNaN: true }));

  test("stay within their ranges", () => {
    fc.assert(
      fc.property(range, fc.integer(), fc.constantFrom("linear", "logarithmic"), ([from, factor], seed, scale) => {
        const { x } = draw({ x: { from, to: from * factor, scale: scale as "linear" } }, createRandom(seed));
        expect(x).toBeGreaterThanOrEqual(from);
        expect(x).toBeLessThanOrEqual(from * factor);
      }),
    );
  });

  const many = (scale: "linear" | "logarithmic") =>
    Array.from({ length: 4000 }, (_, seed) => draw({ x: { from: 1, to: 10_000, scale } }, createRandom(seed))["x"] as number);
  const shareBelow = (values: readonly number[], bound: number) => values.filter((value) => value < bound).length / values.length;
  // Five standard errors of a share of one half.
  const error = 5 * Math.sqrt(0.25 / 4000);

  test("are uniform, or uniform in the logarithm", () => {
    expect(Math.abs(shareBelow(many("linear"), 5000.5) - 0.5)).toBeLessThan(error);
    expect(Math.abs(shareBelow(many("logarithmic"), 100) - 0.5)).toBeLessThan(error);
    expect(Math.abs(shareBelow(many("logarithmic"), 10) - 0.25)).toBeLessThan(error);
  });

  test("of two options are independent", () => {
    const pairs = Array.from({ length: 4000 }, (_, seed) =>
      draw({ x: { from: 0, to: 1, scale: "linear" }, y: { from: 0, to: 1, scale: "linear" } }, createRandom(seed)),
    );
    const correlation = pairs.reduce((sum, { x, y }) => sum + 12 * ((x as number) - 0.5) * ((y as number) - 0.5), 0) / 4000;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(4000));
  });
});
