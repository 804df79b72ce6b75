import * as tf from "@tensorflow/tfjs";
import { createContext, memoryStorage, Model, openTrajectory, train, type TrainingRecorder } from "@lethe/core";
import { beforeAll, expect, it } from "vitest";
import { recipe, samples, untrained, watched } from "./fixtures/training.ts";
import { deepObliviate } from "./index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

it("goes on with a training that was interrupted, and ends with the same artifact", async () => {
  const storage = memoryStorage();
  const method = deepObliviate();
  const recorder = () => method.method.record!(method.options, createContext({ storage })) as TrainingRecorder<unknown>;
  const run = { data: samples(), recipe };
  const abort = new AbortController();
  const context = createContext({ signal: abort.signal, onProgress: ({ completed }) => completed > 50 && abort.abort() });
  await expect(train({ ...run, model: untrained(), context, recorder: recorder() })).rejects.toMatchObject({ code: "run/aborted" });
  const trajectory = await openTrajectory(storage);
  expect(trajectory.length).toBeGreaterThan(2);
  const resume = await trajectory.read(trajectory.length - 1);
  const { weights, artifact } = await train({ ...run, model: untrained(), context: createContext(), resume, recorder: recorder() });
  const undisturbed = await watched(samples(), {}, memoryStorage());
  expect(await untrained().copy(weights).hash()).toBe(await new Model(undisturbed.network).hash());
  expect((artifact as typeof undisturbed.artifact).metadata["trajectory"]).toBe(undisturbed.artifact.metadata["trajectory"]);
});
