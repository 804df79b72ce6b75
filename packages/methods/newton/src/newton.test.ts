import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, hashWeights, Model, train, unlearn, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { newton, type NewtonInput } from "./index.ts";

const random = createRandom("newton");
const labels = Array.from({ length: 40 }, (_, i) => i % 2);
const inputs = Float32Array.from(labels.flatMap((label) => [label + random.normal(), random.normal()]));
const forget = ["0", "1", "2", "3", "4", "5", "6", "7"];
const data = (change = (value: number, _index: number) => value): Dataset => arrayDataset({ inputs: inputs.map(change), inputShape: [2], labels });
let network: tf.LayersModel;

beforeAll(async () => {
  await tf.setBackend("cpu");
  const model = new Model(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], name: "head" })] })).initialise(createRandom(1));
  const recipe = { seed: 1, epochs: 200, batchSize: 40, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.5 } } as const;
  const { weights } = await train({ model, data: data(), recipe, context: createContext(), phase: "training" });
  network = model.copy(weights).network;
});

async function unlearned(options: NewtonInput, from = data()) {
  const result = await unlearn({ model: network, data: from, forget, method: newton(options) });
  return { ...result, model: new Model(result.model), figures: result.report as Record<string, number> };
}

describe("newton", () => {
  it.each<NewtonInput>([
    { steps: 4, damping: 0 },
    { steps: 4, damping: 0, parameters: "head" },
    { steps: 6, solver: "minres", damping: 0 },
  ])("on a convex problem with L2 ends at the retrained optimum: %o", async (options) => {
    const { figures, status, message } = await unlearned({ ...options, weightDecay: 0.05 });
    expect(status).toBe("completed");
    expect(message).toMatch(/^\d Newton steps moved the weights by/);
    const reference = await unlearned({ steps: 30, damping: 0.02, weightDecay: 0.05 });
    expect(figures["retainLossAfter"]).toBeCloseTo(reference.figures["retainLossAfter"], 6);
    expect(figures["retainLossAfter"]).toBeLessThan(figures["retainLossBefore"]);
  });

  it("reads no forgotten sample", async () => {
    const plain = await unlearned({});
    const garbage = await unlearned(
      {},
      data((value, index) => (index < 16 ? 1e6 : value)),
    );
    expect(await hashWeights(garbage.model)).toBe(await hashWeights(plain.model));
  });

  it("says that the loss rose where the pseudo-inverse's step explodes", async () => {
    const layers = [tf.layers.dense({ units: 8, inputShape: [2], activation: "tanh" }), tf.layers.dense({ units: 2 })];
    const spiked = new Model(tf.sequential({ layers })).initialise(createRandom(2)).network;
    const result = await unlearn({ model: spiked, data: data(), forget, method: newton({ variant: "pseudo-inverse", steps: 2 }) });
    const { retainLossBefore, retainLossAfter, updateNorm, smallestEigenvalue } = result.report as Record<string, number>;
    expect(smallestEigenvalue).toBeLessThan(0);
    expect(updateNorm).toBeGreaterThan(10);
    expect(retainLossAfter).toBeGreaterThan(retainLossBefore);
    expect(result.message).toMatch(
      /It rose: Newton's step is not to be trusted here; try a cutoff of 0\.00001, or variant: damped, or cure-newton\.$/,
    );
  });

  it("leaves the model as it was where the step leaves the numbers", async () => {
    // One parameter of its own, beyond the reach of float32: its gradient is 1e-30, its curvature 1e-60 and so zero.
    const layers = [tf.layers.dense({ units: 2, inputShape: [2], useBias: false })];
    const faint = new Model(tf.sequential({ layers })).initialise(createRandom(2));
    const from = data((value) => value * 1e-30);
    const { status, message, model } = await unlearn({ model: faint.network, data: from, forget, method: newton({ damping: 1e-300 }) });
    expect(status).toBe("non-finite");
    expect(message).toContain("the model is unchanged; try a damping of 0.01");
    expect(await hashWeights(new Model(model))).toBe(await faint.hash());
  });
});
