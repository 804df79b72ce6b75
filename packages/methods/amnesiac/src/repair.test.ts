import * as tf from "@tensorflow/tfjs";
import { createContext, fromHost, Model, toHost, train, unlearn } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { recipe, samples, stepsOf, takenBack, touching, watched, without, type Watched } from "./fixtures/training.ts";
import type { AmnesiacInput } from "./index.ts";
import { repairRecipe } from "./repair.ts";
import { openLog } from "./update-log.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const repairing: AmnesiacInput = { repairEpochs: 2, repairRate: 0.02 };

const request = ({ model, artifact, storage, method }: Watched, forget: readonly string[]) => ({
  model,
  data: samples(),
  forget,
  method,
  artifact,
  storage,
});

describe("a repair", () => {
  it("trains on the retained data from what the subtraction left, by the recipe's optimiser", async () => {
    const steps = await stepsOf();
    const run = await watched(repairing);
    const { model, report, message, cost } = await unlearn({ ...request(run, ["s3"]), seed: 4 });
    const parameters = fromHost(takenBack(steps.at(-1)!.after, touching(steps, ["s3"])));
    const start = run.model.copy({ parameters, buffers: run.model.buffers });
    const derived = repairRecipe(recipe, { loss: "softmax-cross-entropy" }, run.method.options, createContext({ seed: 4 }));
    expect(derived).toMatchObject({ epochs: 2, batchSize: 4, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.02 } });
    const { weights, losses } = await train({ model: start, data: without(samples(), ["s3"]), recipe: derived, context: createContext() });
    expect(await new Model(model).hash()).toBe(await start.copy(weights).hash());
    expect(report).toMatchObject({ updatesSubtracted: 3, repairEpochs: 2, repairSteps: 12, finalLoss: losses[1] });
    expect(message).toMatch(/, and repaired in 2 epochs on the retained data\.$/);
    expect(cost).toMatchObject({ samplesBackward: 42, bytesStored: await repairBytes(run) });
  });

  it("takes the recipe's own rate unless told otherwise, constant", async () => {
    const { options } = (await watched({ repairEpochs: 1 })).method;
    const derived = repairRecipe({ ...recipe, augmentation: { flip: 0.5 } }, { loss: "sigmoid-cross-entropy" }, options, createContext());
    expect(derived).toMatchObject({ schedule: { kind: "constant", rate: 0.03 }, augmentation: { flip: 0.5 }, loss: "sigmoid-cross-entropy" });
  });

  it("is logged, so that a later request takes it back as well", async () => {
    const run = await watched(repairing);
    const first = await unlearn(request(run, ["s3"]));
    const log = await openLog(run.storage);
    const repairs = log.updates.filter(({ index }) => index >= 18);
    expect(repairs).toHaveLength(12);
    expect(log.head.finished).toMatchObject({ steps: 30, epochs: 5 });
    const sum = new Float64Array(15);
    const gone = log.updates.filter(({ samples: positions }) => positions.includes(8));
    for (const update of gone) (await log.read(update))["hidden/kernel"].values.forEach((value, i) => (sum[i] += value));
    expect(gone.filter(({ index }) => index >= 18)).toHaveLength(2);
    const before = (await toHost(new Model(first.model).parameters))["hidden/kernel"].values;
    const plain = { ...run.method, options: { ...run.method.options, repairEpochs: 0 } };
    const second = { ...request(run, ["s8"]), model: first.model, artifact: first.artifact, data: without(samples(), ["s3"]), method: plain };
    const { model, report } = await unlearn(second);
    const after = (await toHost(new Model(model).parameters))["hidden/kernel"].values;
    expect(after).toEqual(Float32Array.from(before, (value, i) => value - sum[i]));
    expect(report).toMatchObject({ steps: 30, stepShareSoFar: (3 + gone.length) / 30 });
  });

  it.each(["interrupted", "diverging"])("%s leaves model, log and memory as they were", async (how) => {
    const run = await watched(how === "diverging" ? { repairEpochs: 2, repairRate: 1e38 } : repairing);
    const hash = await (await openLog(run.storage)).hash();
    const abort = new AbortController();
    const onProgress = ({ phase, completed }: { readonly phase: string; readonly completed: number }) =>
      how === "interrupted" && phase === "repairing" && completed > 10 && abort.abort();
    const tensors = tf.memory().numTensors;
    const asked = unlearn({ ...request(run, ["s3"]), signal: abort.signal, onProgress });
    if (how === "interrupted") await expect(asked).rejects.toMatchObject({ code: "run/aborted" });
    else {
      const { status, message, model } = await asked;
      expect(status).toBe("non-finite");
      expect(message).toContain("lower repairRate");
      expect(await new Model(model).hash()).toBe(await run.model.hash());
      model.dispose();
    }
    expect(tf.memory().numTensors).toBe(tensors);
    // What was appended is gone, before the log is opened again.
    expect((await run.storage.names()).length).toBe(2 + 18);
    expect(await (await openLog(run.storage)).hash()).toBe(hash);
  });
});

async function repairBytes({ storage }: Watched): Promise<number> {
  return (await openLog(storage)).updates.filter(({ index }) => index >= 18).reduce((sum, { bytes }) => sum + bytes, 0);
}
