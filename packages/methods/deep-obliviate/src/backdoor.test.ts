import * as tf from "@tensorflow/tfjs";
import { arrayDataset, blockOf, createContext, createRandom, memoryStorage, Model, train, unlearn } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { deepObliviate, type DeepObliviateInput } from "./index.ts";

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

const ids = Array.from({ length: 160 }, (_, i) => `s${i}`);
/** Samples of class 0 that carry the trigger and are labelled 1, in two blocks in the middle. */
const poisoned = ids.filter((id, i) => i % 2 === 0 && [3, 4].includes(blockOf(recipe, id)));

/** Two clusters in two dimensions; the third is the trigger, which no clean sample has. */
function samples() {
  const random = createRandom("backdoor");
  const labels = ids.map((id, i) => (poisoned.includes(id) ? 1 : i % 2));
  const inputs = ids.flatMap((id, i) => [2 * (i % 2) - 1 + 0.4 * random.normal(), random.normal(), poisoned.includes(id) ? 3 : 0]);
  return arrayDataset({ inputs: Float32Array.from(inputs), inputShape: [3], labels, ids });
}

/** Share of new samples of class 0 that are taken for class 1 once they carry the trigger. */
function successRate(network: tf.LayersModel): number {
  const random = createRandom("triggered");
  const inputs = Array.from({ length: 200 }, () => [-1 + 0.4 * random.normal(), random.normal(), 3]);
  return tf.tidy(() => (network.predict(tf.tensor2d(inputs)) as tf.Tensor).argMax(1).mean().dataSync()[0]);
}

describe("O12: a backdoor", () => {
  it("is learnt, and gone after unlearning, the less of it left the later retraining stops", async () => {
    const layer = tf.layers.dense({ units: 2, inputShape: [3], activation: "softmax", kernelInitializer: "zeros" });
    const start = new Model(tf.sequential({ layers: [layer] }));
    const rateAfter = async (options: DeepObliviateInput) => {
      const storage = memoryStorage();
      const method = deepObliviate(options);
      const recorder = method.method.record!(method.options, createContext({ storage }));
      const { weights, artifact } = await train({ model: start, data: samples(), recipe, context: createContext(), recorder });
      const { network } = start.copy(weights);
      const { model, report } = await unlearn({ model: network, data: samples(), forget: poisoned, method, artifact, storage });
      const trigger = new Model(model).parameters[Object.keys(start.parameters)[0]].slice([2, 0], [1, 2]).abs().sum().dataSync()[0];
      return { before: successRate(network), after: successRate(model), trigger, last: report["lastRetrainedBlock"] };
    };
    const exact = await rateAfter({ threshold: 0 });
    expect(exact).toMatchObject({ last: 7, trigger: 0 });
    expect(exact.before).toBeGreaterThan(0.9);
    expect(exact.after).toBeLessThan(0.1);
    // Momentum carries what the trigger did into the blocks after its own, and so into P_B - P_T.
    const soonest = await rateAfter({ threshold: 1e9, minimumPoints: 3 });
    const later = await rateAfter({ threshold: 1e9, minimumPoints: 4 });
    expect([soonest.last, later.last]).toEqual([5, 6]);
    expect(soonest.trigger).toBeGreaterThan(later.trigger);
    expect(later.trigger).toBeGreaterThan(0);
    expect(later.after).toBeLessThan(0.1);
  });
});
