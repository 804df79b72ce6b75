import * as tf from "@tensorflow/tfjs";
import { createProblem, filesInMemory, hashWeights, isFiniteTree, Model, subset, toHost, unlearn, type UnlearnResult } from "@lethe/core";
import { behaviourLaw, demand } from "../law.ts";
import { disposeOutcome, prepareOn, unlearnOn } from "../run.ts";
import { copiedStorage, type Stage } from "../stage.ts";

export const emptyRequest = behaviourLaw("changes nothing for an empty forget set", async (stage) => {
  const before = await stage.model.hash();
  await answered(stage, { forget: [] }, async ({ model, status }) => {
    demand(
      status === "no-effect" && (await hashWeights(new Model(model).weights)) === before,
      `an empty request ended as ${status} and changed weights.`,
    );
  });
  // Core does not pass empty requests on; a method that does not train on the retained samples has no reason to answer one otherwise.
  if (stage.method.needs.retain === "samples") return;
  const nothing = { trained: stage.trained, problem: createProblem(stage.trained, new Uint32Array()) };
  const outcome = await unlearnOn(stage, await prepareOn(stage), {}, nothing);
  try {
    demand((await hashWeights(outcome.weights)) === before, "asked to forget no sample, it changed weights.");
  } finally {
    disposeOutcome(outcome);
  }
});

export const nextRequest = behaviourLaw("answers a second request, on its own result and what remains of the data", async (stage) => {
  const { data, secondRequest, recorded } = stage;
  const storage = await copiedStorage(stage);
  await answered(stage, { artifact: recorded, storage }, async (first) => {
    const forgotten = new Set(first.forgotten);
    const remaining = subset(
      data,
      Array.from(data.labels.keys()).filter((position) => !forgotten.has(data.ids[position])),
    );
    const { artifact } = first;
    const leaves = stage.method.prepare !== undefined || recorded !== undefined;
    demand(!leaves || artifact !== undefined, "it was given an artifact and returned none for the next request.");
    await answered(stage, { model: first.model, data: remaining, forget: secondRequest, artifact, storage }, async ({ model, status }) => {
      demand(!["diverged", "non-finite"].includes(status), `the second request ended as ${status}.`);
      demand(await isFiniteNetwork(model), "after the second request the model is not finite.");
    });
  });
});

export const resultIsNetwork = behaviourLaw("gives a model that saves, loads and predicts like any other of its architecture", (stage) =>
  answered(stage, {}, async ({ model }) => {
    demand(model !== stage.network, "the result is the very network that was given.");
    const layers = (network: tf.LayersModel) => JSON.stringify(network.getConfig());
    demand(layers(model) === layers(stage.network), "the result has other layers than the model.");
    const files: Record<string, Uint8Array> = {};
    await model.save(filesInMemory(files));
    const loaded = await tf.loadLayersModel(filesInMemory(files));
    const shape = [5, ...stage.data.inputShape];
    const [expected, actual] = [model, loaded].map((network) =>
      tf.tidy(() => (network.predict(tf.linspace(-1, 1, 5 * tf.util.sizeFromShape(shape.slice(1))).reshape(shape)) as tf.Tensor).dataSync()),
    );
    loaded.dispose();
    demand(expected.every(Number.isFinite) && expected.join() === actual.join(), "once saved and loaded it predicts otherwise.");
  }),
);

/** What core's `unlearn` makes of the stage's request, with some of it replaced; the resulting network is disposed after `body`. */
async function answered(
  stage: Stage,
  changes: Partial<Parameters<typeof unlearn>[0]>,
  body: (result: UnlearnResult) => Promise<void>,
): Promise<void> {
  const { network, data, configured, request, recorded, recipe } = stage;
  const lent = { artifact: recorded, storage: await copiedStorage(stage), ...changes };
  const result = await unlearn({ model: network, data, forget: request, method: configured, recipe, seed: 1, ...lent });
  try {
    await body(result);
  } finally {
    result.model.dispose();
  }
}

async function isFiniteNetwork(network: tf.LayersModel): Promise<boolean> {
  const { parameters, buffers } = new Model(network);
  return isFiniteTree(await toHost(parameters)) && isFiniteTree(await toHost(buffers));
}
