import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, hashWeights, Model, unlearn, type Dataset } from "@lethe/core";
import { flatLoss, type ModelLoss } from "@lethe/core/curvature";
import { conjugateGradients } from "@lethe/core/linalg";
import { beforeAll, describe, expect, it } from "vitest";
import { influence, type InfluenceInput, type InfluenceReport } from "./index.ts";

const random = createRandom("influence");
const weightDecay = 0.05;
const labels = Array.from({ length: 40 }, (_, i) => i % 2);
const inputs = Float32Array.from(labels.flatMap((label) => [label + random.normal(), random.normal()]));
const forget = ["0", "1", "2"];
const data = arrayDataset({ inputs, inputShape: [2], labels });
const exact = { weightDecay, damping: 0, tolerance: 1e-7, batchSize: 40 } as const;
let trained: Model;

beforeAll(async () => {
  await tf.setBackend("cpu");
  trained = new Model(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2], name: "head" })] })).initialise(createRandom(1));
  trained = await trainedOn(data);
});

const lossOn = (model: Model, own: Dataset): Promise<ModelLoss> => flatLoss(model, own, { context: createContext(), batchSize: 40, weightDecay });

/** To the minimum, by Newton's method. */
async function trainedOn(own: Dataset): Promise<Model> {
  const loss = await lossOn(trained, own);
  let w = loss.current;
  for (let step = 0; step < 5; step++) {
    const { gradient } = await loss.gradient(w);
    const { solution } = await conjugateGradients(loss.hessian(w), gradient, { maximumIterations: 20 });
    w = w.map((value, i) => value - solution[i]);
  }
  return trained.copy(loss.weightsAt(w));
}

async function unlearned(options: InfluenceInput, network: tf.LayersModel = trained.network) {
  const result = await unlearn({ model: network, data, forget, method: influence({ ...exact, ...options }) });
  return { ...result, model: new Model(result.model), report: result.report as unknown as InfluenceReport };
}

async function distance(a: Model, b: Model): Promise<number> {
  const [{ current: v }, { current: w }] = [await lossOn(a, data), await lossOn(b, data)];
  return Math.hypot(...v.map((value, i) => value - w[i]));
}

const withoutForgotten = () => arrayDataset({ inputs: inputs.slice(6), inputShape: [2], labels: labels.slice(3) });
const withLabels = () => arrayDataset({ inputs, inputShape: [2], labels: labels.map((label, i) => (i < 3 ? 1 - label : label)) });
const withFeatures = () => arrayDataset({ inputs: inputs.map((value, i) => (i < 6 && i % 2 === 1 ? -1 : value)), inputShape: [2], labels });

describe("influence", () => {
  it.each<[string, InfluenceInput, () => Dataset, number]>([
    ["erased", {}, withoutForgotten, 0.05],
    ["erased, on the head", { parameters: "head" }, withoutForgotten, 0.05],
    ["erased, by LiSSA", { solver: "lissa", passes: 2000 }, withoutForgotten, 0.05],
    ["iu, with H inverted", { form: "iu", alpha: 1, solver: "conjugate-gradients" }, withoutForgotten, 0.05],
    ["second-order removal", { form: "second-order" }, withoutForgotten, 0.2],
    ["second-order labels", { form: "second-order", correction: { labels: { "0": 1, "1": 0, "2": 1 } } }, withLabels, 0.2],
    [
      "second-order labels on the head",
      { form: "second-order", correction: { labels: { "0": 1, "1": 0, "2": 1 } }, parameters: "head" },
      withLabels,
      0.2,
    ],
    ["second-order features", { form: "second-order", correction: { features: { indices: [1], value: -1 } } }, withFeatures, 0.2],
  ])("from a stationary model comes near retraining: %s", async (_name, options, rest, tolerance) => {
    const { model, report, status, message } = await unlearned(options);
    expect(status).toBe("completed");
    expect(message).toMatch(/^The [a-zA-Z -]+ moved the weights by [\d.e-]+; the retain loss went from [\d.]+ to [\d.]+\.$/);
    const retrained = await trainedOn(rest());
    const gap = await distance(trained, retrained);
    expect(gap).toBeGreaterThan(0.02);
    expect(await distance(model, retrained)).toBeLessThan(tolerance * gap);
    expect(report.stationarity).toBeLessThan(1e-3);
    expect(report.residual).toBeLessThan(1e-5);
    expect(report.retainLossAfter).toBeLessThan(report.retainLossBefore);
    expect(report.actualDecrease).toBeCloseTo(report.predictedDecrease!, 3);
    expect(report.erasedLossAfter).toBeGreaterThan(report.erasedLossBefore);
  });

  it.each<[InfluenceInput, number]>([
    [{ form: "first-order", tau: 1e-3 }, 1],
    [{ form: "iu" }, 1],
    [{ form: "iu", solver: "wood-fisher", damping: 0.1 }, 1],
    [{ form: "iu", hessianOf: "all" }, 2],
  ])("raises the loss on the erased samples without solving for H: %o", async (options, products) => {
    const { report, status } = await unlearned(options);
    expect(status).toBe("completed");
    expect(report.erasedLossAfter).toBeGreaterThan(report.erasedLossBefore);
    expect(report.products).toBe(products);
    expect(report.ending).toBe(options.form === "iu" ? "fisher" : null);
  });

  it("says where the training loss is not stationary", async () => {
    const { report, message } = await unlearned({}, trained.initialise(createRandom(5)).network);
    expect(report.stationarity).toBeGreaterThan(0.1);
    expect(message).toMatch(
      /The training loss is not stationary \(ratio [\d.]+; up to 0.1 would pass\): this is not Newton's step on what is left\./,
    );
  });

  describe("on a network with negative curvature", () => {
    let network: tf.LayersModel;
    beforeAll(() => {
      const layers = [tf.layers.dense({ units: 6, inputShape: [2], activation: "tanh" }), tf.layers.dense({ units: 2 })];
      network = new Model(tf.sequential({ layers })).initialise(createRandom(2)).network;
    });

    it("leaves the model as it was where conjugate gradients find it, and says what to try", async () => {
      const { status, message, model, report } = await unlearned({ solver: "conjugate-gradients", weightDecay: 0 }, network);
      expect(status).toBe("no-effect");
      expect(message).toMatch(/curvature -[\d.e-]+: .* the model is unchanged; take a damping well above [\d.e-]+, or solver minres\.$/);
      expect(await hashWeights(model)).toBe(await new Model(network).hash());
      expect(report.ending).toBe("indefinite");
    });

    it("goes on by MINRES, and says that the loss curves downwards and rose", async () => {
      const { report, message, status } = await unlearned({ weightDecay: 0 }, new Model(network).initialise(createRandom(1)).network);
      expect(status).toBe("completed");
      expect(report.curvature).toBeLessThan(0);
      expect(report.retainLossAfter).toBeGreaterThan(report.retainLossBefore);
      expect(message).toContain("It rose: the step is not to be trusted here; try more damping, or cure-newton.");
      expect(message).toContain("The loss curves downwards along the step");
    });

    it("refuses a scale that no solver reads", () => {
      expect(influence({ solver: "lissa", scale: 2 }).options.scale).toBe(2);
      const sentence = /scale: only lissa reads it; leave it out, or take solver lissa/;
      expect(() => influence({ scale: 2 })).toThrow(expect.objectContaining({ code: "options/invalid", message: expect.stringMatching(sentence) }));
    });

    it("leaves the model as it was where LiSSA diverges", async () => {
      const { status, message, model } = await unlearned({ solver: "lissa", scale: 1e-3, weightDecay: 0 }, network);
      expect(status).toBe("diverged");
      expect(message).toContain("take more damping, or a larger scale");
      expect(await hashWeights(model)).toBe(await new Model(network).hash());
    });
  });

  it.each<[InfluenceInput, string]>([
    [{ form: "first-order", tau: 10 }, "try a smaller tau"],
    [{ form: "iu", alpha: 1e3 }, "try a smaller alpha"],
  ])("says that the retain loss rose, and what to try: %o", async (options, remedy) => {
    const { report, message, status } = await unlearned(options);
    expect(status).toBe("completed");
    expect(report.retainLossAfter).toBeGreaterThan(report.retainLossBefore);
    expect(message).toContain(`It rose: the step is not to be trusted here; ${remedy}.`);
  });

  it("does nothing where the correction is no change", async () => {
    const { status, message, model, report } = await unlearned({ form: "second-order", correction: { labels: { "0": 0, "1": 1, "2": 0 } } });
    expect(status).toBe("no-effect");
    expect(message).toMatch(/changes no gradient .* nothing moved\.$/);
    expect(await hashWeights(model)).toBe(await trained.hash());
    expect(report.stationarity).toBeNull();
  });

  it("leaves the model as it was where the step leaves the numbers", async () => {
    const { status, message, model } = await unlearned({ form: "iu", alpha: 1e300 });
    expect(status).toBe("non-finite");
    expect(message).toContain("the model is unchanged; try a smaller alpha");
    expect(await hashWeights(model)).toBe(await trained.hash());
  });
});
