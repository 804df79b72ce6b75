import { arrayDataset, blockOf, createContext, createRandom, memoryStorage, Model, subset, train, unlearn, type Dataset } from "@lethe/core";
import { backdoor } from "@lethe/datasets";
import { deepObliviate, type DeepObliviateInput } from "@lethe/deep-obliviate";
import { verifyDeletion } from "@lethe/metrics";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const recipe = {
  seed: 2,
  epochs: 3,
  batchSize: 8,
  order: { kind: "blocks", blocks: 8 },
  optimiser: { kind: "sgd", momentum: 0.9 },
  schedule: { kind: "constant", rate: 0.1 },
} as const;

/** Two clusters in two dimensions; the third is where the trigger goes. */
function clusters(size: number, seed: string): Dataset {
  const random = createRandom(seed);
  const labels = Array.from({ length: size }, (_, i) => i % 2);
  const inputs = labels.flatMap((label) => [2 * label - 1 + 0.4 * random.normal(), random.normal(), 0]);
  return arrayDataset({ inputs: Float32Array.from(inputs), inputShape: [3], labels, ids: labels.map((_, i) => `${seed}-${i}`) });
}

const clean = clusters(160, "train");
/** The user's: of class 0, in two blocks in the middle. */
const ids = clean.ids.filter((id, i) => clean.labels[i] === 0 && [3, 4].includes(blockOf(recipe, id)));
const { data, target, triggered } = backdoor(clean, { trigger: { kind: "features", indices: [2], value: 3 }, target: 1, ids });

const start = () =>
  new Model(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: "softmax", kernelInitializer: "zeros", name: "head" })] }));

async function predictions(network: tf.LayersModel, test: Dataset): Promise<number[]> {
  const { inputs } = await test.read(Uint32Array.from(test.ids.keys()));
  return tf.tidy(() => [...(network.predict(tf.tensor2d(inputs.values as Float32Array, [test.size, 3])) as tf.Tensor).argMax(1).dataSync()]);
}

/** Trains on the poisoned data, forgets the user's samples, and verifies that on new samples with the trigger. */
async function verified(options: DeepObliviateInput) {
  const storage = memoryStorage();
  const method = deepObliviate(options);
  const recorder = method.method.record!(method.options, createContext({ storage }));
  const { weights, artifact } = await train({ model: start(), data, recipe, context: createContext(), recorder });
  const { network } = start().copy(weights);
  const { model, report } = await unlearn({ model: network, data, forget: ids, method, artifact, storage });
  const kept = subset(
    data,
    Array.from(data.ids.keys()).filter((position) => !ids.includes(data.ids[position])),
  );
  const oracle = start().copy((await train({ model: start(), data: kept, recipe, context: createContext() })).weights).network;
  const test = triggered(clusters(120, "test"));
  const [before, after, without] = await Promise.all([network, model, oracle].map((each) => predictions(each, test)));
  const verification = verifyDeletion({ before, after, oracle: without, labels: test.labels, target })!;
  const untouched = verifyDeletion({ before, after: before, oracle: without, labels: test.labels, target })!;
  return { verification, untouched, last: report["lastRetrainedBlock"] };
}

test("a backdoor that was learnt is gone after exact unlearning, and the hypothesis test tells both errors", async () => {
  const { verification, untouched } = await verified({ threshold: 0 });
  expect(verification).toMatchObject({ queries: 60, verdict: "deleted" });
  expect(verification.before).toBeGreaterThan(0.9);
  expect(verification.after).toBe(verification.oracle);
  expect(verification.test!.falseBelief).toBeLessThanOrEqual(0.001);
  expect(verification.test!.falseDoubt).toBeLessThan(0.001);
  // The model that forgot nothing does not pass.
  expect(untouched.verdict).toBe("kept");
});

test("what stitching leaves of the trigger depends on where retraining stopped, and the test says whether it can be told", async () => {
  const runs = [await verified({ threshold: 1e9, minimumPoints: 3 }), await verified({ threshold: 1e9, minimumPoints: 4 })];
  expect(runs.map(({ last }) => last)).toEqual([5, 6]);
  for (const { verification } of runs) expect(verification.after).toBeGreaterThanOrEqual(verification.oracle);
  expect(runs[1].verification.after).toBeLessThanOrEqual(runs[0].verification.after);
  expect(runs[1].verification.verdict).toBe("deleted");
});
