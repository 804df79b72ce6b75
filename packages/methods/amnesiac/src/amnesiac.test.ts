import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, fromHost, memoryStorage, Model, toHost, unlearn, type Recipe } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { recipe, samples, stepsOf, takenBack, touching, untrained, watched, without, type Step, type Watched } from "./fixtures/training.ts";
import { amnesiac, amnesiacMethod } from "./index.ts";
import { openLog } from "./update-log.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const plain: Recipe = { ...recipe, epochs: 1, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.5 } };

const request = ({ model, artifact, storage, method }: Watched, forget: readonly string[]) => ({
  model,
  data: samples(),
  forget,
  method,
  artifact,
  storage,
});

const parametersOf = async (network: tf.LayersModel) => toHost(new Model(network).parameters);

/** One of the samples that only this step has read. */
const ofStep = (steps: readonly Step[], index: number) => steps.at(index)!.ids[0];

describe("one epoch of plain gradient descent", () => {
  it.each([0, 2, 5])("loses the very update of the one batch that held the sample: %i", async (index) => {
    const steps = await stepsOf({ recipe: plain });
    const run = await watched({}, { recipe: plain });
    const { model, status, report } = await unlearn(request(run, [ofStep(steps, index)]));
    expect(status).toBe("completed");
    expect(await parametersOf(model)).toEqual(takenBack(steps.at(-1)!.after, [steps[index]]));
    expect(report).toMatchObject({ updatesSubtracted: 1, steps: 6, stepShare: 1 / 6, destroyed: [{ index }], undestroyed: [] });
  });

  it("is the model before the last step, bit for bit, once that is taken back", async () => {
    const steps = await stepsOf({ recipe: plain });
    const run = await watched({}, { recipe: plain });
    const { model } = await unlearn(request(run, [ofStep(steps, -1)]));
    expect(await parametersOf(model)).toEqual(steps.at(-2)!.after);
  });

  it("of one batch, from zeros, is the gradient of the mean by hand, and zeros again once that is taken back", async () => {
    const data = arrayDataset({ inputs: Float32Array.of(1, 2, -1, 3), inputShape: [2], labels: [0, 1], ids: ["a", "b"] });
    const network = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], kernelInitializer: "zeros", name: "head" })] });
    const run = await watched({}, { model: new Model(network), data, recipe: plain });
    // softmax(0) = 1/2: dL/dW = mean of x (p - y)', and a rate of 1/2.
    const trained = await toHost(run.model.parameters);
    expect([...trained["head/kernel"].values]).toEqual([1 / 4, -1 / 4, -1 / 8, 1 / 8]);
    const { model, report, message } = await unlearn({ ...request(run, ["a"]), data });
    expect((await parametersOf(model))["head/kernel"].values).toEqual(new Float32Array(4));
    expect(report).toMatchObject({ relativeNorm: 1, subtractedNorm: Math.sqrt(2 / 16 + 2 / 64) });
    expect(message).toMatch(/^1 update of 1 step \(100 %\) was subtracted, which moved the model by 100 % .* or retrain\.$/u);
  });
});

describe("a request", () => {
  it("takes back every update of its samples and no other, in float64, and leaves batch-norm statistics", async () => {
    const steps = await stepsOf();
    const run = await watched();
    const ids = ["s3", "s8"];
    const affected = touching(steps, ids);
    const { model, report } = await unlearn(request(run, ids));
    expect(await parametersOf(model)).toEqual(takenBack(steps.at(-1)!.after, affected));
    expect(await toHost(new Model(model).buffers)).toEqual(await toHost(run.model.buffers));
    expect((report["destroyed"] as { index: number }[]).map(({ index }) => index)).toEqual(affected.map((step) => steps.indexOf(step)));
    expect(report).toMatchObject({ steps: 18, updatesSubtracted: affected.length, stepShare: affected.length / 18, repairSteps: 0 });
  });

  it("that takes back all steps leads to where training began, bit for bit", async () => {
    const steps = await stepsOf();
    // One of each batch that holds none of those before it.
    const ids: string[] = [];
    for (const step of steps) if (!step.ids.some((id) => ids.includes(id))) ids.push(step.ids[0]);
    const { model, report } = await unlearn(request(await watched(), ids));
    expect(ids.length).toBeLessThan(22);
    expect(await parametersOf(model)).toEqual(await toHost(untrained().parameters));
    expect(report).toMatchObject({ stepShare: 1, relativeNorm: 1 });
  });

  it("destroys what it took back, touches nothing else, and counts the bytes", async () => {
    const run = await watched();
    const before = await openLog(run.storage);
    const contents = new Map(await Promise.all(before.updates.map(async ({ file }) => [file, await run.storage.read(file)] as const)));
    const { report } = await unlearn(request(run, ["s3"]));
    const destroyed = (report["destroyed"] as { file: string }[]).map(({ file }) => file);
    const names = (await run.storage.names()).filter((name) => name.startsWith("update"));
    expect(destroyed).toHaveLength(3);
    expect(names.toSorted()).toEqual([...contents.keys()].filter((name) => !destroyed.includes(name)));
    for (const name of names) expect(await run.storage.read(name)).toEqual(contents.get(name));
    const sizeOf = (files: readonly string[]) => files.reduce((sum, file) => sum + contents.get(file)!.length, 0);
    expect(report).toMatchObject({ bytesDestroyed: sizeOf(destroyed), bytesStored: sizeOf(names) });
    const after = await openLog(run.storage);
    expect(after.head.ids.indexOf("s3")).toBe(-1);
    expect(after.updates.some(({ samples: positions }) => positions.includes(3))).toBe(false);
  });

  it("gives its model although the storage removes nothing, says so, and the next one tries again", async () => {
    const run = await watched();
    const stubborn = { ...run.storage, remove: async () => Promise.reject(new Error("read-only")) };
    const first = await unlearn({ ...request(run, ["s3"]), storage: stubborn });
    expect(first.status).toBe("completed");
    expect(first.message).toContain("3 files of subtracted updates could not be removed");
    expect((first.report["undestroyed"] as { reason: string }[]).map(({ reason }) => reason)).toEqual(["read-only", "read-only", "read-only"]);
    expect(first.report["destroyed"]).toEqual([]);
    const data = without(samples(), ["s3"]);
    const second = await unlearn({ ...request(run, ["s8"]), model: first.model, data, artifact: first.artifact });
    const left = (first.report["undestroyed"] as { file: string }[]).map(({ file }) => file);
    expect((second.report["destroyed"] as { file: string }[]).map(({ file }) => file)).toEqual(expect.arrayContaining(left));
    expect(await run.storage.names()).not.toEqual(expect.arrayContaining([left[0]]));
  });

  it("after another takes back what is still there, once", async () => {
    const steps = await stepsOf();
    const run = await watched();
    const first = await unlearn(request(run, ["s3"]));
    const gone = touching(steps, ["s3"]);
    const mate = gone[0].ids.find((id) => id !== "s3")!;
    const left = touching(steps, [mate]).filter((step) => !gone.includes(step));
    const second = await unlearn({ ...request(run, [mate]), model: first.model, data: without(samples(), ["s3"]), artifact: first.artifact });
    expect(left.length).toBeLessThan(3);
    expect(await parametersOf(second.model)).toEqual(takenBack(takenBack(steps.at(-1)!.after, gone), left));
    expect(second.report).toMatchObject({ updatesSubtracted: left.length, stepShareSoFar: (gone.length + left.length) / 18 });
  });

  it("for a sample whose updates all went with those of others changes nothing, and strikes it out", async () => {
    const run = await watched({}, { recipe: plain });
    const [{ ids }] = await stepsOf({ recipe: plain });
    const first = await unlearn(request(run, [ids[0]]));
    const data = without(samples(), [ids[0]]);
    const again = { ...request(run, [ids[1]]), model: first.model, data, artifact: first.artifact };
    const { status, model, artifact } = await unlearn(again);
    expect(status).toBe("no-effect");
    expect(await parametersOf(model)).toEqual(await parametersOf(first.model));
    expect((await openLog(run.storage)).head.ids).not.toContain(ids[1]);
    await expect(unlearn(again)).rejects.toMatchObject({ code: "amnesiac/other-log" });
    const third = await unlearn({ ...again, forget: [ids[2]], data: without(data, [ids[1]]), artifact });
    expect(third.status).toBe("no-effect");
  });

  it("leaves everything as it was where it is interrupted", async () => {
    const run = await watched();
    const hash = await (await openLog(run.storage)).hash();
    const abort = new AbortController();
    const tensors = tf.memory().numTensors;
    const interrupted = unlearn({ ...request(run, ["s3"]), signal: abort.signal, onProgress: () => abort.abort() });
    await expect(interrupted).rejects.toMatchObject({ code: "run/aborted" });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await (await openLog(run.storage)).hash()).toBe(hash);
    expect((await unlearn(request(run, ["s3"]))).status).toBe("completed");
  });

  it("whose result is not finite leaves model and log as they were", async () => {
    const run = await watched();
    const hash = await (await openLog(run.storage)).hash();
    const parameters = { ...(await toHost(run.model.parameters)) };
    parameters["head/bias"] = { shape: [2], values: Float32Array.of(Infinity, 0) };
    const broken = run.model.copy({ parameters: fromHost(parameters), buffers: run.model.buffers });
    const context = createContext({ storage: run.storage });
    const data = samples();
    const problem = {
      model: broken,
      data,
      forget: without(data, data.ids.slice(1)),
      retain: without(data, ["s0"]),
      loss: "softmax-cross-entropy" as const,
    };
    const outcome = await amnesiacMethod.unlearn(problem, run.artifact, run.method.options, context);
    expect(outcome.status).toBe("non-finite");
    expect(await (await openLog(run.storage)).hash()).toBe(hash);
  });
});

describe("sensitive samples", () => {
  it("alone have their updates kept, and can be forgotten as if all had", async () => {
    const steps = await stepsOf();
    const run = await watched({ sensitive: ["s3", "s8"] });
    const log = await openLog(run.storage);
    expect(log.updates.map(({ index }) => index)).toEqual(touching(steps, ["s3", "s8"]).map((step) => steps.indexOf(step)));
    expect(log.head.ids).toEqual(["s3", "s8"]);
    const { model } = await unlearn(request(run, ["s8"]));
    expect(await parametersOf(model)).toEqual(await parametersOf((await unlearn(request(await watched(), ["s8"]))).model));
  });

  it.each([
    [{ class: 1 }, samples().ids.filter((_, i) => i % 2 === 1)],
    [{ column: "site", value: "Berlin" }, samples().ids.filter((_, i) => i % 3 === 0)],
  ])("are chosen by %o", async (sensitive, ids) => {
    expect((await openLog((await watched({ sensitive })).storage)).head.ids).toEqual(ids);
  });

  it.each([
    [["s3", "ghost"], "amnesiac/unknown-id", "ghost"],
    [{ class: 7 }, "amnesiac/nothing-sensitive", "class"],
    [{ column: "site", value: "Paris" }, "amnesiac/nothing-sensitive", "Paris"],
    [{ column: "city", value: "Berlin" }, "amnesiac/unknown-column", "it has site"],
  ])("that are not there are refused before training: %o", async (sensitive, code, mentions) => {
    const refused = watched({ sensitive });
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(mentions);
  });

  it("are the only ones that can be forgotten; others are refused by name", async () => {
    const run = await watched({ sensitive: ["s3", "s8"] });
    const refused = unlearn(request(run, ["s3", "s4", "s5"]));
    await expect(refused).rejects.toMatchObject({ code: "amnesiac/not-sensitive", details: { ids: ["s4", "s5"] } });
    await expect(refused).rejects.toThrow("s4 and 1 other");
    expect((await unlearn(request(run, ["s3"]))).status).toBe("completed");
  });
});

describe("the log", () => {
  it("needs a storage, and has to be that of the artifact", async () => {
    const { options } = amnesiac();
    expect(() => amnesiacMethod.record!(options, createContext())).toThrow(expect.objectContaining({ code: "amnesiac/no-storage" }));
    const run = await watched();
    const { storage: _, ...without } = request(run, ["s3"]);
    await expect(unlearn(without)).rejects.toMatchObject({ code: "amnesiac/no-storage" });
    await expect(unlearn({ ...without, storage: memoryStorage() })).rejects.toMatchObject({ code: "amnesiac/no-log" });
    const other = await watched({}, { model: untrained().initialise(createRandom(2)) });
    await expect(unlearn({ ...without, storage: other.storage })).rejects.toMatchObject({ code: "amnesiac/other-log" });
  });

  it("does not change the training, nor leave a tensor", async () => {
    const steps = await stepsOf();
    const model = untrained();
    const tensors = tf.memory().numTensors;
    const run = await watched({}, { model });
    expect(await toHost(run.model.parameters)).toEqual(steps.at(-1)!.after);
    run.model.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
