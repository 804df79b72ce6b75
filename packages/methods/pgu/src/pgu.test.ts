import * as tf from "@tensorflow/tfjs";
import {
  createContext,
  createProblem,
  createTrainedProblem,
  disposeTree,
  Model,
  prepare,
  subset,
  toHost,
  unlearn,
  type Dataset,
  type HostTree,
} from "@lethe/core";
import { rowOf, symmetricEigen } from "@lethe/core/linalg";
import { vit } from "@lethe/models";
import { beforeAll, describe, expect, it } from "vitest";
import { storedMoments, type PguArtifact } from "./artifact.ts";
import { accuracyOf, gaussians, images, trained } from "./fixtures/problems.ts";
import { pgu } from "./index.ts";
import type { PguInput } from "./options.ts";
import { unpackMoments } from "./statistics.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const ofClass = (data: Dataset, label: number): number[] => [...data.labels.keys()].filter((i) => data.labels[i] === label);

/** Answers a request on a model without going through files or hashes. */
async function answer(model: Model, data: Dataset, forget: readonly number[], options: PguInput, seed = 0) {
  const { method, options: complete } = pgu(options);
  const problem = createProblem(createTrainedProblem({ model, data }), Uint32Array.from(forget));
  const artifact = await method.prepare!(problem, complete, createContext());
  const outcome = await method.unlearn(problem, artifact, complete, createContext({ seed }));
  const after = { ...(await toHost(outcome.weights.parameters)), ...(await toHost(outcome.weights.buffers)) };
  disposeTree(outcome.weights.parameters);
  disposeTree(outcome.weights.buffers);
  return { ...outcome, artifact, left: outcome.artifact, after };
}

const before = async (model: Model): Promise<HostTree> => ({ ...(await toHost(model.parameters)), ...(await toHost(model.buffers)) });

const movedNames = (start: HostTree, end: HostTree): string[] =>
  Object.keys(start).filter((name) => start[name].values.some((value, i) => value !== end[name].values[i]));

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

describe("pgu", () => {
  it("forgets a class and keeps the others, from a stored artifact", async () => {
    const data = gaussians();
    const model = await trained(data);
    const method = pgu({ tau: 0.7, rate: 1 });
    const { artifact } = await prepare({ model, data, method });
    const result = await unlearn({ model, data, forget: { class: 1 }, method, artifact });
    expect(result.status).toBe("completed");
    expect(result.preparation).toBeUndefined();
    expect(await accuracyOf(model, data, ofClass(data, 1))).toBeGreaterThan(0.9);
    const after = new Model(result.model);
    expect(await accuracyOf(after, data, ofClass(data, 1))).toBeLessThanOrEqual(0.01);
    const others = [...data.labels.keys()].filter((i) => data.labels[i] !== 1);
    expect(await accuracyOf(after, data, others)).toBeGreaterThan(0.95);
  });

  it("answers from the artifact and the forget set alone, D being gone", async () => {
    const data = gaussians();
    const model = await trained(data);
    const method = pgu({ epochs: 3, stop: "epochs" });
    const { artifact } = await prepare({ model, data, method });
    const all = await unlearn({ model, data, forget: { class: 2 }, method, artifact });
    const alone = await unlearn({ model, data: subset(data, ofClass(data, 2)), forget: { class: 2 }, method, artifact });
    expect(await new Model(alone.model).hash()).toBe(await new Model(all.model).hash());
    expect(alone.artifact?.data.size).toBe(60);
  });

  it("is plain gradient descent on the forget loss where nothing is protected", async () => {
    const kernel = [0.4, -0.3, 0.2, -0.6, 0.5, 0.1];
    const network = tf.sequential({ layers: [tf.layers.dense({ name: "only", units: 3, inputShape: [2] })] });
    tf.tidy(() => network.setWeights([tf.tensor2d(kernel, [2, 3]), tf.tensor1d([0.1, 0, -0.2])]));
    const data = gaussians();
    const forget = ofClass(data, 1).slice(0, 3);
    const { inputs } = await data.read(forget);
    const loss = (w: readonly number[]): number => {
      let sum = 0;
      for (let n = 0; n < 3; n++) {
        const z = [0.1, 0, -0.2].map((bias, c) => bias + inputs.values[2 * n] * w[c] + inputs.values[2 * n + 1] * w[3 + c]);
        const total = z.reduce((each, logit) => each + Math.exp(logit), 0);
        const p = z.map((logit) => Math.exp(logit) / total);
        sum += -Math.log(1.05 - p[1]) + 0.2 * p.reduce((each, share) => each + share * Math.log(share), 0);
      }
      return sum / 3;
    };
    const relabelled: Dataset = {
      ...data,
      classCount: 3,
      labels: data.labels.map(() => 1),
      read: async (at) => ({ ...(await data.read(at)), labels: Int32Array.from(at, () => 1) }),
    };
    let w: number[] = kernel;
    const options = { tau: 0, stop: "epochs", epochs: 3, rate: 0.5, finalRate: 0.5, weightDecay: 0.1 } as const;
    for (let step = 0; step < options.epochs; step++) {
      const gradient = w.map((_, i) => {
        const moved = (by: number) => loss(w.map((value, k) => (k === i ? value + by : value)));
        return (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
      w = w.map((value, i) => value - options.rate * (gradient[i] + options.weightDecay * value));
    }
    const { after, report } = await answer(new Model(network), relabelled, forget, options);
    w.forEach((value, i) => expect(after["only/kernel"].values[i]).toBeCloseTo(value, 5));
    expect(report).toMatchObject({ layers: { "only/kernel": { rank: 0, dimension: 2, residual: { first: 1 } } } });
  });

  it.each([
    [{ tau: 1 }, /tau of 1/],
    [{ tau: 0.9999999, rankRule: "class" }, /lower tau below 1\b/],
  ] as const)("moves nothing with %o where every input direction is used, and says so", async (options, message) => {
    const data = gaussians();
    const model = await trained(data, tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2] })] }));
    const { status, message: said, after, artifact, left } = await answer(model, data, ofClass(data, 1), options);
    expect(status).toBe("no-effect");
    expect(said).toMatch(message);
    expect(movedNames(await before(model), after)).toEqual([]);
    expect(left).toBe(artifact);
  });

  it("leaves each layer's answer to every protected input as it was, and everything but kernels", async () => {
    const data = images();
    const model = await trained(data, everyKind(), 3);
    const start = await before(model);
    const { after, artifact, left, status } = await answer(model, data, ofClass(data, 1), {
      tau: 0.6,
      stop: "epochs",
      epochs: 5,
      rate: 0.5,
      batchSize: 8,
    });
    expect(status).toBe("completed");
    const kernels = Object.keys(artifact.metadata.layers);
    expect(kernels).toEqual(["conv/kernel", "channels/depthwise_kernel", "parts/depthwise_kernel", "parts/pointwise_kernel", "head/kernel"]);
    expect(movedNames(start, after)).toEqual(kernels);
    for (const kernel of kernels) {
      const { dimension, kind } = artifact.metadata.layers[kernel];
      const groups = left.tensors[kernel].shape[0];
      const out = start[kernel].values.length / (groups * dimension);
      const at = (i: number, group: number, o: number) => (kind === "dense" ? i * out + o : (i * groups + group) * out + o);
      const length = norm(start[kernel].values);
      const moved = norm(Float64Array.from(start[kernel].values, (value, i) => after[kernel].values[i] - value));
      expect(moved).toBeGreaterThan(1e-3 * length);
      for (let group = 0; group < groups; group++) {
        const { values, vectors } = symmetricEigen(unpackMoments(storedMoments(left, kernel), group, dimension));
        const singular = values.map((value) => Math.sqrt(Math.max(0, value)));
        const total = singular.reduce((sum, value) => sum + value, 0);
        let covered = 0;
        for (let i = dimension - 1; i >= 0; i--) {
          covered += singular[i];
          if (covered / total > 0.6) break;
          const direction = rowOf(vectors, i);
          for (let o = 0; o < out; o++) {
            const change = direction.reduce(
              (sum, x, k) => sum + x * (after[kernel].values[at(k, group, o)] - start[kernel].values[at(k, group, o)]),
              0,
            );
            expect(Math.abs(change)).toBeLessThanOrEqual(1e-6 * length);
          }
        }
      }
    }
  });

  it("takes a tau for single layers, by layer or kernel, and freezes those with 1", async () => {
    const data = gaussians();
    const model = await trained(data);
    const options = { tau: 0.5, stop: "epochs", epochs: 1 } as const;
    const frozen = await answer(model, data, ofClass(data, 1), { ...options, layers: { hidden: 1 } });
    expect(movedNames(await before(model), frozen.after)).toEqual(["output/kernel"]);
    expect(frozen.report).toMatchObject({
      layers: { "hidden/kernel": { tau: 1, rank: 2, dimension: 2, frozen: "tau is 1" }, "output/kernel": { tau: 0.5 } },
    });
    const named = await answer(model, data, ofClass(data, 1), { ...options, layers: { "output/kernel": 0.9 } });
    expect(named.report).toMatchObject({ layers: { "hidden/kernel": { tau: 0.5 }, "output/kernel": { tau: 0.9 } } });
    await expect(answer(model, data, [0], { layers: { outputs: 0.5 } })).rejects.toMatchObject({
      code: "pgu/no-such-layer",
      message: expect.stringContaining("hidden, output"),
    });
  });

  it("reports for each layer what was left of the gradient and how its answer to the retained data has changed", async () => {
    const data = gaussians();
    const model = await trained(data);
    const forget = ofClass(data, 1);
    const { report, after } = await answer(model, data, forget, { tau: 0.5, stop: "epochs", epochs: 4, rate: 1 });
    const { "hidden/kernel": hidden } = report["layers"] as unknown as Record<
      string,
      { responseChange: number; residual: { first: number; last: number }; negativeShare: number }
    >;
    const start = await before(model);
    // The first layer's inputs are the data itself.
    const { inputs } = await data.read([...data.labels.keys()].filter((i) => !forget.includes(i)));
    let [change, whole] = [0, 0];
    for (let n = 0; n < inputs.shape[0]; n++) {
      for (let o = 0; o < 24; o++) {
        const response = (values: ArrayLike<number>) => inputs.values[2 * n] * values[o] + inputs.values[2 * n + 1] * values[24 + o];
        whole += response(start["hidden/kernel"].values) ** 2;
        change += (response(after["hidden/kernel"].values) - response(start["hidden/kernel"].values)) ** 2;
      }
    }
    expect(hidden.responseChange).toBeCloseTo(Math.sqrt(change / whole), 5);
    expect(hidden.responseChange).toBeGreaterThan(1e-3);
    for (const share of Object.values(hidden.residual)) expect(share > 0 && share <= 1).toBe(true);
    expect(hidden.negativeShare).toBeLessThan(1e-6);
    const epochs = report["epochs"] as unknown as { rate: number }[];
    // The first of five equal factors comes before the first step.
    expect(epochs.map(({ rate }) => rate)).toEqual([0, 1, 2, 3, 4].map((e) => (e === 0 ? 0 : 0.02 ** (e / 5))));
  });

  it("projects the kernels of attention and perceptrons of a transformer, with tokens as samples, and leaves the learned vectors", async () => {
    const data = images();
    const network = vit({ inputShape: [6, 6, 2], classes: 4, patch: 3, width: 6, depth: 1, heads: 2 });
    const model = await trained(data, network, 2);
    const { artifact, after } = await answer(model, data, ofClass(data, 2), { tau: 0.7, stop: "epochs", epochs: 2, rate: 0.5 });
    const names = ["patches", "block1/attention/qkv", "block1/attention/project", "block1/hidden", "block1/output", "classifier"];
    expect(Object.values(artifact.metadata.layers).map(({ layer }) => layer)).toEqual(names);
    expect(movedNames(await before(model), after)).toEqual(names.map((name) => `${name}/kernel`));
    expect(artifact.metadata.layers["block1/attention/qkv/kernel"]).toMatchObject({ dimension: 6, count: 5 * data.size });
  });

  it("goes through the samples as stored, or in an order of the seed", async () => {
    const data = gaussians();
    const model = await trained(data);
    const run = async (order: "stored" | "shuffled", seed: number) => {
      const { after } = await answer(model, data, ofClass(data, 1), { order, stop: "epochs", epochs: 2, batchSize: 4, rate: 1, tau: 0.5 }, seed);
      return after["hidden/kernel"].values.join();
    };
    expect(await run("stored", 2)).toBe(await run("stored", 1));
    expect(await run("shuffled", 1)).toBe(await run("shuffled", 1));
    expect(new Set([await run("stored", 1), await run("shuffled", 1), await run("shuffled", 2)]).size).toBe(3);
  });

  it("drops out with batch norm on its stored statistics, and leaves the network as it was", async () => {
    const data = images();
    const model = await trained(data, everyKind(), 3);
    const own = model.layers.map(({ layer }) => Object.hasOwn(layer, "call"));
    const run = (dropout: "on" | "off", seed: number) =>
      answer(model, data, ofClass(data, 1), { dropout, tau: 0.5, stop: "epochs", epochs: 1, rate: 0.5 }, seed);
    const [off, on, again, other] = [await run("off", 1), await run("on", 1), await run("on", 1), await run("on", 2)];
    const kernel = ({ after }: typeof off) => after["conv/kernel"].values.join();
    expect(kernel(again)).toBe(kernel(on));
    expect(new Set([off, on, other].map(kernel)).size).toBe(3);
    expect(movedNames(await before(model), on.after).filter((name) => name.startsWith("norm"))).toEqual([]);
    expect(model.layers.map(({ layer }) => Object.hasOwn(layer, "call"))).toEqual(own);
  });

  it("is what inference is where there is nothing to drop", async () => {
    const data = images();
    const network = tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2] }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 4 }),
      ],
    });
    const model = await trained(data, network, 2);
    const run = (dropout: "on" | "off") => answer(model, data, [1, 5], { dropout, tau: 0.5, stop: "epochs", epochs: 2 });
    const [off, on] = [await run("off"), await run("on")];
    expect(movedNames(await before(model), on.after)).toHaveLength(2);
    for (const [name, { values }] of Object.entries(on.after)) expect([...values]).toEqual([...off.after[name].values]);
  });

  it("leaves the model as it was when it runs out of numbers, and names a lower rate", async () => {
    const data = gaussians();
    const model = await trained(data);
    const tensors = tf.memory().numTensors;
    const { status, message, after } = await answer(model, data, ofClass(data, 1), { rate: 1e38, finalRate: 1e38, tau: 0.5, stop: "epochs" });
    expect(status).toBe("non-finite");
    expect(message).toContain("try a rate of 1e+37");
    expect(movedNames(await before(model), after)).toEqual([]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("chooses no epoch where a later one runs out of numbers", async () => {
    const data = gaussians();
    const model = await trained(data);
    // 0.01 in the first epoch, 1e38 in the second.
    const rates = { rate: 1e-42, finalRate: 1e78, epochs: 2 };
    const { status, report, after } = await answer(model, data, ofClass(data, 1), { ...rates, tau: 0.5, stop: "epochs" });
    expect(status).toBe("non-finite");
    expect(report["epochs"]).toHaveLength(2);
    expect(report["chosenEpoch"]).toBe(0);
    expect(movedNames(await before(model), after)).toEqual([]);
  });

  it("stops within the decomposition of a layer", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { method, options } = pgu();
    const problem = createProblem(createTrainedProblem({ model, data }), Uint32Array.of(0, 1));
    const artifact = await method.prepare!(problem, options, createContext());
    const tensors = tf.memory().numTensors;
    const controller = new AbortController();
    const layers: number[] = [];
    const onProgress = ({ phase, completed }: { phase: string; completed: number }) => {
      if (phase !== "protected subspaces") return;
      layers.push(completed);
      controller.abort();
    };
    const run = method.unlearn(problem, artifact, options, createContext({ signal: controller.signal, onProgress }));
    await expect(run).rejects.toMatchObject({ code: "run/aborted" });
    expect(layers).toHaveLength(1);
    expect(layers[0]).toBeLessThan(100);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("refuses an artifact over other patches, of another layout, or that knows nothing of a sample", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data, method: pgu() });
    const refused = (forget: readonly string[], options: PguInput, changed: Partial<PguArtifact> = {}) =>
      unlearn({ model, data, forget, method: pgu(options), artifact: { ...artifact!, ...changed } as PguArtifact });
    await expect(refused(["0"], { stride: "unit" })).rejects.toMatchObject({ code: "artifact/other-options" });
    await expect(refused(["0"], {}, { version: 99 })).rejects.toMatchObject({ code: "artifact/other-version" });
    const { metadata } = artifact as PguArtifact;
    await expect(refused(["0"], {}, { metadata: { ...metadata, ids: metadata.ids.slice(1) } })).rejects.toMatchObject({
      code: "artifact/unknown-samples",
    });
  });

  it("looks at the retained data only where the options say so", () => {
    expect(pgu().method.needs.retain).toBe("statistics");
    expect(pgu({ stop: "retain" }).method.needs.retain).toBe("samples");
    expect(pgu({ preset: "resnet18-tiny-imagenet" }).method.needs.retain).toBe("samples");
  });

  it("has the authors' settings as presets, which options override", () => {
    expect(pgu({ preset: "small-vgg-cifar10" }).options).toMatchObject({
      tau: 0.95,
      rate: 0.05,
      finalRate: 0.01,
      epochs: 99,
      stride: "unit",
      rankRule: "subset",
      stop: "validation",
    });
    expect(pgu({ preset: "small-vgg-poison" }).options).toMatchObject({
      tau: 0.95,
      rate: 0.1,
      finalRate: 0.05,
      offset: 0.1,
      objective: "depoison",
      rankRule: "depoison",
    });
    expect(pgu({ preset: "allcnn-cifar10", tau: 0.5 }).options).toMatchObject({ tau: 0.5, rate: 0.1, batchSize: 128 });
  });
});

/** Convolutions of every kind, batch norm, dropout, a dense layer; trainable all. */
function everyKind(): tf.LayersModel {
  const { conv2d, batchNormalization, depthwiseConv2d, separableConv2d, dropout, flatten, dense } = tf.layers;
  return tf.sequential({
    layers: [
      conv2d({ name: "conv", filters: 3, kernelSize: 3, padding: "same", strides: 2, activation: "relu", inputShape: [6, 6, 2] }),
      batchNormalization({ name: "norm" }),
      depthwiseConv2d({ name: "channels", kernelSize: 2, depthMultiplier: 2, padding: "same", activation: "relu" }),
      separableConv2d({ name: "parts", filters: 4, kernelSize: 2, activation: "relu" }),
      dropout({ rate: 0.3 }),
      flatten(),
      dense({ name: "head", units: 4 }),
    ],
  });
}
