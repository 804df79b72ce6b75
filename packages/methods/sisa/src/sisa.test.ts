import * as tf from "@tensorflow/tfjs";
import {
  arrayDataset,
  createContext,
  createRandom,
  ensembleOf,
  filesInMemory,
  loadNetwork,
  memoryStorage,
  Model,
  openTrajectory,
  probabilityBoundaries,
  saveNetwork,
  shardPlaces,
  toHost,
  train,
  unlearn,
  type Dataset,
  type ShardOrderOptions,
} from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { contents, copied, inSlice, network, recipe, samples, untrained, watched, without, type Watched } from "./fixtures/training.ts";
import { sisa, sisaMethod } from "./index.ts";
import { storageOfShard } from "./recorded.ts";

let once: Watched;

beforeAll(async () => {
  await tf.setBackend("cpu");
  once = await watched();
});

/** The shared training, as it was before any request. */
const fresh = async (): Promise<Watched> => ({ ...once, storage: await copied(once.storage) });

async function forgotten(ids: readonly string[], run?: Watched, data: Dataset = samples()) {
  const { network: trained, artifact, method, storage } = run ?? (await fresh());
  const result = await unlearn({ model: trained, data, forget: [...ids], method, artifact, storage });
  return { ...result, storage, method, hash: await new Model(result.model).hash() };
}

const firstOf = (shard: number, slice: number) => inSlice(shard, slice)[0];

describe("a request", () => {
  it.each<[string, () => readonly string[]]>([
    ["one of a first slice", () => [firstOf(1, 0)]],
    ["one of a last slice", () => [firstOf(1, 2)]],
    ["two of one shard, the later slice first", () => [firstOf(2, 2), firstOf(2, 1)]],
    ["some of every shard", () => [firstOf(0, 1), firstOf(1, 2), firstOf(2, 0)]],
    ["a whole slice", () => inSlice(0, 0)],
    ["a whole shard", () => [0, 1, 2].flatMap((slice) => inSlice(1, slice))],
  ])("is training from scratch on the retained data, to the bit, checkpoints and all: %s", async (_, ids) => {
    const { status, hash, storage, artifact } = await forgotten(ids());
    const oracle = await watched(without(samples(), ids()));
    expect(status).toBe("completed");
    expect(hash).toBe(oracle.hash);
    expect(await contents(storage)).toEqual(await contents(oracle.storage));
    expect(artifact!.metadata["trajectories"]).toEqual(oracle.artifact.metadata["trajectories"]);
  });

  it("leaves untouched shards alone, and in its own the stages before the first affected one", async () => {
    const run = await fresh();
    const before = await contents(run.storage);
    const files = new Map<string, Uint8Array>();
    for (const name of await run.storage.names()) files.set(name, await run.storage.read(name));
    const written = new Set<string>();
    const storage = { ...run.storage, write: async (name: string, bytes: Uint8Array) => (written.add(name), run.storage.write(name, bytes)) };
    const { model, cost } = await forgotten([firstOf(1, 1)], { ...run, storage });
    const after = await contents(run.storage);
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(after[1].slice(0, 2)).toEqual(before[1].slice(0, 2));
    expect(after[1].slice(2).map(([, hash]) => hash)).not.toContain(before[1][2][1]);
    for (const name of written) expect(name).toMatch(/^shard-2\./);
    const parts = async (ensemble: Model) =>
      Promise.all(ensembleOf(ensemble).constituents.map(({ parameters, buffers }) => toHost({ ...parameters, ...buffers })));
    const [old, now] = [await parts(new Model(run.network)), await parts(new Model(model))];
    expect([now[0], now[2]]).toEqual([old[0], old[2]]);
    expect(now[1]).not.toEqual(old[1]);
    // Epochs 1, 2, 1: slices 0 and 1 for one epoch of stage 1 or two, then all.
    const shard = [0, 1, 2].map((slice) => inSlice(1, slice).length);
    expect(cost.samplesBackward).toBe(2 * (shard[0] + shard[1] - 1) + (shard[0] + shard[1] + shard[2] - 1));
  });

  it("answers two one after the other as it answers both at once", async () => {
    const [first, second] = [[firstOf(1, 2)], [firstOf(1, 1), firstOf(2, 0)]];
    const both = await forgotten([...first, ...second]);
    const one = await forgotten(first);
    const run = { ...once, network: one.model, artifact: one.artifact!, method: one.method, storage: one.storage };
    const two = await forgotten(second, run, without(samples(), first));
    expect(two.hash).toBe(both.hash);
    expect(await contents(two.storage)).toEqual(await contents(both.storage));
    expect(two.report["affectedShards"]).toEqual([1, 2]);
  });

  it("does not depend on what the forgotten samples held, and never reads them", async () => {
    const canary = firstOf(0, 1);
    const loud = samples({ [canary]: 50 });
    const run = await watched(loud);
    expect(run.hash).not.toBe(once.hash);
    const read = new Set<string>();
    const data: Dataset = {
      ...loud,
      read: async (positions) => {
        for (const position of Array.from(positions)) read.add(loud.ids[position]);
        return loud.read(positions);
      },
    };
    expect((await forgotten([canary], run, data)).hash).toBe((await forgotten([canary])).hash);
    const expected = [0, 1, 2].flatMap((slice) => inSlice(0, slice)).filter((id) => id !== canary);
    expect([...read].toSorted()).toEqual(expected.toSorted());
  });

  it("destroys every checkpoint that the samples shaped, and tells what it did", async () => {
    const ids = [firstOf(0, 2), firstOf(2, 1)];
    const run = await fresh();
    const { report, message, cost } = await forgotten(ids, run);
    const destroyed = report["destroyed"] as { shard: number; index: number; file: string }[];
    expect(destroyed.map(({ shard, index }) => [shard, index])).toEqual([
      [0, 3],
      [2, 2],
      [2, 3],
    ]);
    const names = await run.storage.names();
    for (const { shard, file } of destroyed) expect(names).not.toContain(`shard-${shard + 1}.${file}`);
    for (const shard of [0, 2]) for (const id of ids) expect((await openTrajectory(storageOfShard(run.storage, shard))).ids).not.toContain(id);
    const retained = without(samples(), ids);
    const places = shardPlaces(recipe, retained);
    const passes = (shard: number, stage: number) =>
      [1, 2, 1][stage] * places.filter((place) => place.shard === shard && place.slice <= stage).length;
    const whole = [0, 1, 2].flatMap((shard) => [0, 1, 2].map((stage) => passes(shard, stage))).reduce((sum, count) => sum + count, 0);
    const again = passes(0, 2) + passes(2, 1) + passes(2, 2);
    expect(report).toMatchObject({
      shards: 3,
      affectedShards: [0, 2],
      answeredBefore: [],
      stagesRedone: 3,
      stages: 9,
      samplePasses: again,
      retrainingSamplePasses: whole,
      speedUp: whole / again,
    });
    expect(cost.samplesBackward).toBe(again);
    expect(cost.bytesStored).toBeGreaterThan(0);
    expect(message).toMatch(
      /^2 of 3 shards were trained again, 3 stages in all, [\d.]+ times less work than all; the model is what training on the retained data leads to\.$/,
    );
  });

  it("gives a network that can be saved and loaded in place of the old one", async () => {
    const { model, hash } = await forgotten([firstOf(0, 0)]);
    const files: Record<string, Uint8Array> = {};
    await saveNetwork(model, filesInMemory(files));
    const loaded = new Model(await loadNetwork(filesInMemory(files), "the model"));
    expect(await loaded.hash()).toBe(hash);
    expect(loaded.ending).toBe("softmax");
    expect(ensembleOf(loaded).constituents).toHaveLength(3);
  });
});

describe("with other shards", () => {
  const byProbability = (): typeof recipe => {
    const column = "probability";
    const boundaries = probabilityBoundaries({ seed: recipe.seed, data: samples(), column, shards: 3 });
    return { ...recipe, order: { ...recipe.order, assignment: { kind: "by-probability", column, boundaries } } };
  };

  it("by probability is exact, too, and refuses data whose probabilities have changed", async () => {
    const by = byProbability();
    const run = await watched(samples(), memoryStorage(), by);
    const ids = [inSlice(2, 0, by)[0], inSlice(2, 1, by)[0]];
    const request = { ...run, storage: await copied(run.storage) };
    expect((await forgotten(ids, request)).hash).toBe((await watched(without(samples(), ids), memoryStorage(), by)).hash);
    const changed = { ...samples(), columns: { probability: samples().ids.map(() => 0.5) } };
    await expect(forgotten(ids, run, changed)).rejects.toMatchObject({ code: "sisa/other-assignment" });
  });

  it("of one slice each and a vote", async () => {
    const order: ShardOrderOptions = { kind: "shards", shards: 4, aggregation: "vote" };
    const by = { ...recipe, order };
    const run = await watched(samples(), memoryStorage(), by);
    const ids = [samples().ids[5]];
    const { hash, report } = await forgotten(ids, run);
    expect(hash).toBe((await watched(without(samples(), ids), memoryStorage(), by)).hash);
    expect(report).toMatchObject({ stagesRedone: 1, stages: 4 });
  });

  it("of one shard and one slice is retraining the network itself, to the bit", async () => {
    const by = { ...recipe, order: { kind: "shards", shards: 1 } as ShardOrderOptions };
    const { order: _, ...plain } = by;
    const ids = [samples().ids[3]];
    const { model } = await forgotten(ids, await watched(samples(), memoryStorage(), by));
    const start = new Model(network()).initialise(createRandom(1));
    const { weights } = await train({ model: start, data: without(samples(), ids), recipe: plain, context: createContext() });
    const values = Object.values(await toHost({ ...weights.parameters, ...weights.buffers })).map((each) => each.values);
    const { constituents } = ensembleOf(new Model(model));
    expect(Object.values(await toHost({ ...constituents[0].parameters, ...constituents[0].buffers })).map((each) => each.values)).toEqual(values);
  });
});

describe("the checkpoints", () => {
  const several = () => [firstOf(0, 1), firstOf(2, 2)];

  it("are kept in memory by the method where there is no storage, and missed by any other", async () => {
    const method = sisa();
    const recorder = method.method.record!(method.options, createContext());
    const start = untrained();
    const { weights, artifact } = await train({ model: start, data: samples(), recipe, context: createContext(), recorder });
    const request = { model: start.copy(weights).network, data: samples(), forget: several(), artifact: artifact! };
    await expect(unlearn({ ...request, method: sisa() })).rejects.toMatchObject({ code: "sisa/no-storage" });
    const first = await unlearn({ ...request, method });
    const data = without(samples(), several());
    const second = await unlearn({ model: first.model, data, forget: [firstOf(1, 0)], method, artifact: first.artifact });
    expect(second.status).toBe("completed");
    await expect(unlearn({ ...request, method })).rejects.toMatchObject({ code: "sisa/no-storage" });
    expect(() => sisaMethod.record!(method.options, createContext())).toThrow(expect.objectContaining({ code: "sisa/no-storage" }));
  });

  it("have to be those of the artifact", async () => {
    const run = await fresh();
    const other = await watched(samples(), memoryStorage(), { ...recipe, seed: 12 } as never);
    await expect(forgotten(several(), { ...run, storage: other.storage })).rejects.toMatchObject({ code: "sisa/other-checkpoints" });
    await forgotten([firstOf(1, 1)], run);
    await expect(forgotten(several(), run)).rejects.toMatchObject({ code: "sisa/other-checkpoints" });
    await expect(forgotten(several(), { ...run, storage: memoryStorage() })).rejects.toMatchObject({ code: "trajectory/none" });
  });

  it("are all as they were after a request that was interrupted, whichever shard it was at", async () => {
    const data = samples();
    const before = await contents(once.storage);
    for (const shard of [0, 2]) {
      const run = await fresh();
      const abort = new AbortController();
      const onProgress = ({ phase }: { phase: string }) => phase === `retraining of shard ${shard + 1}` && abort.abort();
      const interrupted = unlearn({ ...run, model: run.network, data, forget: several(), signal: abort.signal, onProgress });
      await expect(interrupted).rejects.toMatchObject({ code: "run/aborted" });
      expect(await contents(run.storage)).toEqual(before);
      expect((await forgotten(several(), run)).status).toBe("completed");
    }
  });

  it("need a training by shards, and a request all of the data", async () => {
    const { order: _, ...shuffled } = recipe;
    const method = sisa();
    const recorder = method.method.record!(method.options, createContext({ storage: memoryStorage() }));
    const training = train({ model: untrained(), data: samples(), recipe: shuffled, context: createContext(), recorder });
    await expect(training).rejects.toMatchObject({ code: "sisa/not-sharded" });
    const less = forgotten([firstOf(1, 1)], await fresh(), without(samples(), [firstOf(1, 0)]));
    await expect(less).rejects.toMatchObject({ code: "sisa/data-missing" });
  });

  it("of a training without epochs are the beginnings", async () => {
    const by = { ...recipe, epochs: 0 } as never as typeof recipe;
    const run = await watched(samples(), memoryStorage(), by);
    const ids = [firstOf(1, 1)];
    const { hash, status, storage } = await forgotten(ids, run);
    expect(status).toBe("no-effect");
    expect(hash).toBe((await watched(without(samples(), ids), memoryStorage(), by)).hash);
    expect((await openTrajectory(storageOfShard(storage, 1))).ids).not.toContain(ids[0]);
  });
});

it("forgets a backdoor: its trigger's success is that of the model that never saw it", async () => {
  const ids = Array.from({ length: 160 }, (_, i) => `b${i}`);
  const order: ShardOrderOptions = { kind: "shards", shards: 3, slices: 2 };
  const by = {
    ...recipe,
    epochs: 6,
    order,
    optimiser: { kind: "sgd", momentum: 0.9 },
    schedule: { kind: "constant", rate: 0.1 },
  } as never as typeof recipe;
  const places = shardPlaces(by, { ids });
  /** One user's: class 0 with a trigger and the label 1. */
  const poisoned = ids.filter((_, i) => i % 2 === 0 && places[i].slice === 1);
  const random = createRandom("backdoor");
  const inputs = ids.flatMap((id, i) => [2 * (i % 2) - 1 + 0.4 * random.normal(), random.normal(), poisoned.includes(id) ? 3 : 0]);
  const data = arrayDataset({
    inputs: Float32Array.from(inputs),
    inputShape: [3],
    labels: ids.map((id, i) => (poisoned.includes(id) ? 1 : i % 2)),
    ids,
  });
  const triggered = tf.tensor2d(Array.from({ length: 200 }, () => [-1 + 0.4 * random.normal(), random.normal(), 3]));
  const successRate = (trained: tf.LayersModel) => tf.tidy(() => (trained.predict(triggered) as tf.Tensor).argMax(1).mean().dataSync()[0]);
  const run = await watched(data, memoryStorage(), by);
  expect(successRate(run.network)).toBeGreaterThan(0.9);
  const { model, hash } = await forgotten(poisoned, run, data);
  const oracle = await watched(without(data, poisoned), memoryStorage(), by);
  expect(hash).toBe(oracle.hash);
  expect(successRate(model)).toBe(successRate(oracle.network));
});
