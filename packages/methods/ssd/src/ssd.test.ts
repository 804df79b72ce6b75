import * as tf from "@tensorflow/tfjs";
import {
  arrayDataset,
  createContext,
  createRandom,
  Model,
  perSampleMoments,
  crossEntropyObjective,
  prepare,
  subset,
  train,
  unlearn,
  type Dataset,
} from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { adaptiveAlpha, dampen } from "./dampen.ts";
import { authorsPreset, type SsdInput } from "./options.ts";
import { whatHappened } from "./report.ts";
import { searchAlpha } from "./search.ts";
import type { SsdArtifact } from "./artifact.ts";
import { ssd } from "./ssd.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("dampening, against values worked out by hand", () => {
  const forget = [8, 0.5, 20, 0];
  const full = [1, 0.1, 0.5, 0];
  const theta = [2, -3, -1, 4];

  it.each([
    [10, 1, [2, -3, -0.025, 4]],
    [4, 1, [0.25, -0.6, -0.025, 4]],
    [10, 25, [2, -3, -0.625, 4]],
  ])("alpha %d, lambda %d", (alpha, lambda, expected) => {
    const { values } = dampen(theta, forget, full, alpha, lambda);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
  });

  it("never grows a weight and never turns its sign", () => {
    const { values, factors } = dampen(theta, forget, full, 0.1, 1000);
    values.forEach((value, i) => expect(Math.sign(value) * Math.abs(value)).toBe(theta[i]));
    expect([...factors]).toEqual([1, 1, 1]);
  });

  it("leaves alone what matters to neither set, and zeroes what D does not need", () => {
    expect([...dampen([5, 5], [0, 1], [0, 0], 1, 1).values]).toEqual([5, 0]);
  });

  it("takes ASSD's percentile with linear interpolation", () => {
    const { alpha, percentile } = adaptiveAlpha(
      Float64Array.from({ length: 1000 }, (_, i) => i + 1),
      0.01,
    );
    expect(percentile).toBeCloseTo(99.30685, 5);
    expect(alpha).toBeCloseTo(993.0755, 4);
  });

  it("selects the weights that share the largest ratio, where the percentile falls among them", () => {
    const ratios = Float64Array.from({ length: 100 }, (_, i) => (i < 80 ? 1 : 4));
    const { alpha } = adaptiveAlpha(ratios, 0.25);
    expect(ratios.filter((ratio) => ratio > alpha)).toHaveLength(20);
    expect(alpha).toBeCloseTo(4, 4);
    // What is equal everywhere stands out nowhere.
    expect(adaptiveAlpha(Float64Array.of(2, 2, 2), 0.25).alpha).toBe(2);
  });
});

describe("the search", () => {
  const ratios = Float64Array.from({ length: 1000 }, (_, i) => (i + 1) / 100);

  it("settles on the largest alpha of its ladder that reaches the goal", async () => {
    const asked: number[] = [];
    const result = await searchAlpha(ratios, 0.1, 0.2, async (alpha) => {
      asked.push(alpha);
      return alpha > 9.9 ? 0.9 : 0.1;
    });
    // s_0 = 0.004, so that p = 100 - ln 1.4; then 1.5 times as much each time.
    expect(asked[0]).toBeCloseTo(0.01 * (1 + 9.99 * (100 - Math.log(1.4))), 6);
    expect(asked.every((alpha, i) => i === 0 || alpha < asked[i - 1])).toBe(true);
    expect(asked.at(-2)).toBeGreaterThan(9.9);
    expect(result).toEqual({ alpha: asked.at(-1), tries: asked.length, accuracy: 0.1 });
  });

  it("gives up where alpha would fall below 1, with the best it met", async () => {
    const tries: number[] = [];
    const result = await searchAlpha(ratios, 0.1, 0, async (alpha) => tries.push(alpha) && alpha / 10);
    expect(result.alpha).toBeUndefined();
    expect(Math.min(...tries)).toBeGreaterThanOrEqual(1);
    expect(result.accuracy).toBe(Math.min(...tries) / 10);
  });
});

/** Four Gaussian classes in the plane, 80 samples. */
function gaussians(): Dataset {
  const random = createRandom("gaussians");
  const labels = Array.from({ length: 80 }, (_, i) => i % 4);
  const inputs = Float32Array.from({ length: 160 }, (_, i) => {
    const label = labels[i >> 1];
    const centre = i % 2 === 0 ? (label & 1) * 4 - 2 : (label & 2) * 2 - 2;
    return centre + 0.6 * random.normal();
  });
  return arrayDataset({ inputs, inputShape: [2], labels });
}

async function trained(data: Dataset): Promise<Model> {
  const network = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: 24, activation: "relu", inputShape: [2] }),
      tf.layers.dense({ name: "output", units: 4, activation: "softmax" }),
    ],
  });
  const start = new Model(network).initialise(createRandom(2));
  const recipe = { seed: 1, epochs: 30, batchSize: 16, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.02 } } as const;
  const { weights } = await train({ model: start, data, recipe, context: createContext() });
  return start.copy(weights);
}

function accuracy(network: tf.LayersModel, data: Dataset, label: number, wanted: "is" | "is not"): Promise<number> {
  return data.read([...data.ids.keys()]).then(({ inputs, labels }) => {
    const predicted = tf.tidy(() => (network.predict(tf.tensor(inputs.values as Float32Array, [...inputs.shape])) as tf.Tensor).argMax(1).dataSync());
    const chosen = [...labels.keys()].filter((i) => (labels[i] === label) === (wanted === "is"));
    return chosen.filter((i) => predicted[i] === labels[i]).length / chosen.length;
  });
}

describe("ssd", () => {
  it("forgets a class and keeps the others, from a stored artifact", async () => {
    const data = gaussians();
    const model = await trained(data);
    // Weights three quarters of whose importance is owed to the class: the ratio cannot pass 4 here.
    const method = ssd({ selection: "fixed", alpha: 3 });
    const { artifact } = await prepare({ model, data, method });
    const result = await unlearn({ model, data, forget: { class: 1 }, method, artifact });
    expect(result.status).toBe("completed");
    expect(result.preparation).toBeUndefined();
    expect(await accuracy(model.network, data, 1, "is")).toBeGreaterThan(0.9);
    expect(await accuracy(result.model, data, 1, "is")).toBeLessThan(0.1);
    expect(await accuracy(result.model, data, 1, "is not")).toBeGreaterThan(0.95);
    expect(result.cost.samplesBackward).toBe(20);
  });

  it("answers from the artifact and the forget set alone, D being gone", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data, method: ssd() });
    const all = await unlearn({ model, data, forget: { class: 2 }, method: ssd(), artifact });
    const only = subset(
      data,
      [...data.labels.keys()].filter((i) => data.labels[i] === 2),
    );
    const alone = await unlearn({ model, data: only, forget: { class: 2 }, method: ssd(), artifact });
    expect(await new Model(alone.model).hash()).toBe(await new Model(all.model).hash());
    await expect(unlearn({ model, data: only, forget: { class: 2 }, method: ssd() })).rejects.toMatchObject({ code: "forget/everything" });
  });

  it("finds an alpha that forgets a class, from the forget set alone", async () => {
    const data = gaussians();
    const model = await trained(data);
    const method = ssd({ selection: "search" });
    const result = await unlearn({ model, data, forget: { class: 1 }, method });
    const remaining = await accuracy(result.model, data, 1, "is");
    expect(result.report).toMatchObject({ accuracyBefore: 1, accuracyAfter: remaining });
    expect(remaining).toBeLessThanOrEqual(0.1);
    expect(await accuracy(result.model, data, 1, "is not")).toBeGreaterThan(0.95);
    const impossible = await unlearn({ model, data, forget: { class: 3 }, method: ssd({ selection: "search", target: 0 }) });
    expect(impossible.status).toBe("no-effect");
    expect(impossible.message).toContain("100.0 %");
    expect(await new Model(impossible.model).hash()).toBe(await model.hash());
  });

  it("says so when a class is still recognised", async () => {
    const data = gaussians();
    const model = await trained(data);
    const weak = await unlearn({ model, data, forget: { class: 0 }, method: ssd({ selection: "fixed", alpha: 2 }) });
    expect(weak.status).toBe("completed");
    expect(weak.report["forgetAccuracy"]).toBe(await accuracy(weak.model, data, 0, "is"));
    expect(weak.message).toContain("selection=search");
    const scattered = await unlearn({ model, data, forget: { random: 10 }, method: ssd() });
    expect(scattered.message).not.toContain("selection=search");
  });

  it("selects nothing when alpha is past |D| / |D_f|, and says why", async () => {
    const data = gaussians();
    const result = await unlearn({ model: await trained(data), data, forget: { class: 2 }, method: ssd({ selection: "fixed", alpha: 4 }) });
    expect(result.status).toBe("no-effect");
    expect(result.report).toMatchObject({ selected: 0, ratioBound: 4 });
    expect(result.message).toContain("|D| / |D_f|");
  });

  it("reports the share of weights selected in each parameter", async () => {
    const data = gaussians();
    const { report } = await unlearn({ model: await trained(data), data, forget: { class: 2 }, method: ssd({ selection: "fixed", alpha: 2 }) });
    const parameters = report["parameters"] as Record<string, { selected: number; size: number; share: number }>;
    expect(Object.values(parameters).map(({ size }) => size)).toEqual([48, 24, 96, 4]);
    expect(Object.values(parameters).reduce((sum, { selected }) => sum + selected, 0)).toBe(report["selected"]);
    for (const { share, selected, size } of Object.values(parameters)) expect(share).toBe(selected / size);
  });

  it("takes the forgotten samples out of the stored importances", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data, method: ssd() });
    const result = await unlearn({ model, data, forget: { class: 2 }, method: ssd(), artifact });
    const rest = subset(
      data,
      [...data.labels.keys()].filter((i) => data.labels[i] !== 2),
    );
    const context = createContext();
    const direct = await perSampleMoments(model, rest, {
      context,
      batchSize: 64,
      phase: "",
      objective: crossEntropyObjective("softmax-cross-entropy"),
      power: 2,
    });
    const updated = result.artifact as SsdArtifact;
    expect(updated.metadata).toMatchObject({ count: 60, requests: 1 });
    for (const [name, { values }] of Object.entries(direct.sums)) {
      let scale = 0;
      for (const value of artifact!.tensors[name].values) scale = Math.max(scale, value);
      values.forEach((value, i) => expect(Math.abs(updated.tensors[name].values[i] - value)).toBeLessThanOrEqual(1e-6 * scale));
    }
    const second = await unlearn({ model: result.model, data: rest, forget: { class: 0 }, method: ssd(), artifact: updated });
    expect(second.status).toBe("completed");
    await expect(unlearn({ model, data: rest, forget: { class: 0 }, method: ssd(), artifact: updated })).rejects.toMatchObject({
      code: "artifact/other-model",
    });
    await expect(unlearn({ model: result.model, data, forget: { class: 0 }, method: ssd(), artifact })).rejects.toMatchObject({
      code: "artifact/other-model",
    });
  });

  it("follows on from request to request where only the samples to be forgotten are left", async () => {
    const data = gaussians();
    const model = await trained(data);
    const method = ssd({ selection: "fixed", alpha: 3 });
    const { artifact } = await prepare({ model, data, method });
    const ofClass = (label: number) =>
      subset(
        data,
        [...data.labels.keys()].filter((i) => data.labels[i] === label),
      );
    const first = await unlearn({ model, data: ofClass(1), forget: { class: 1 }, method, artifact });
    const again = unlearn({ model: first.model, data: ofClass(1), forget: { class: 1 }, method, artifact: first.artifact });
    await expect(again).rejects.toMatchObject({ code: "artifact/unknown-samples" });
    const rest = subset(
      data,
      [...data.labels.keys()].filter((i) => data.labels[i] !== 1),
    );
    const [alone, beside] = await Promise.all(
      [ofClass(0), rest].map((each) => unlearn({ model: first.model, data: each, forget: { class: 0 }, method, artifact: first.artifact })),
    );
    expect(alone.status).toBe("completed");
    expect(await new Model(alone.model).hash()).toBe(await new Model(beside.model).hash());
    // The model has moved since the sums were taken; no sum may fall to nothing for that.
    const { tensors } = artifact!;
    for (const [name, { values }] of Object.entries((alone.artifact as SsdArtifact).tensors)) {
      values.forEach((value, i) => expect(value > 0 || tensors[name].values[i] < 1e-3 * Math.max(...tensors[name].values)).toBe(true));
    }
  });

  it("refuses an artifact of another layout", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data, method: ssd() });
    const foreign = unlearn({ model, data, forget: ["1"], method: ssd(), artifact: { ...artifact!, version: 7 } });
    await expect(foreign).rejects.toMatchObject({ code: "artifact/other-version" });
  });

  it("refuses samples that D did not have, and sums of another loss", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data: subset(data, [...Array(60).keys()]), method: ssd() });
    const strangers = unlearn({ model, data: subset(data, [70, 71]), forget: ["70"], method: ssd(), artifact });
    await expect(strangers).rejects.toMatchObject({ code: "artifact/unknown-samples", details: { id: "70" } });
    const { artifact: sigmoid } = await prepare({ model, data, method: ssd(), loss: "sigmoid-cross-entropy" });
    await expect(unlearn({ model, data, forget: ["1"], method: ssd(), artifact: sigmoid })).rejects.toMatchObject({ code: "artifact/other-options" });
  });

  it("refuses an artifact prepared with another importance", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { artifact } = await prepare({ model, data, method: ssd() });
    const other = unlearn({ model, data, forget: { class: 2 }, method: ssd({ importance: "label-free" }), artifact });
    await expect(other).rejects.toMatchObject({ code: "artifact/other-options" });
  });

  it("needs no label for label-free importances", async () => {
    const data = gaussians();
    const model = await trained(data);
    const { inputs } = await data.read([...data.ids.keys()]);
    const unlabelled = arrayDataset({ inputs: inputs.values as Float32Array, inputShape: [2], labels: Array(80).fill(0), classCount: 4 });
    const ids = data.ids.filter((_, i) => data.labels[i] === 2);
    const run = (each: Dataset) => unlearn({ model, data: each, forget: ids, method: ssd({ importance: "label-free", batchSize: 1 }) });
    const [a, b] = await Promise.all([run(data), run(unlabelled)]);
    expect(a.status).toBe("completed");
    expect(await new Model(a.model).hash()).toBe(await new Model(b.model).hash());
  });

  it("counts the weights that it dampened, one of them in the singular", () => {
    const said = (selected: number) => whatHappened(selected, Int32Array.of(0, 1), ssd().options, 0);
    expect([1, 2000].map(said)).toEqual(["1 weight was dampened.", "2,000 weights were dampened."]);
  });

  it("takes an option that is undefined for one not given", () => {
    expect(ssd({ alpha: undefined, preset: undefined } as SsdInput).options).toMatchObject({ alpha: 10, importance: "per-sample" });
    expect(ssd({ alpha: undefined, preset: "authors" } as SsdInput).options).toMatchObject(authorsPreset);
  });

  it("has the authors' settings as a preset, which single options override", () => {
    expect(ssd({ preset: "authors" }).options).toEqual(authorsPreset);
    expect(ssd({ preset: "authors", alpha: 5 }).options).toEqual({ ...authorsPreset, alpha: 5 });
  });

  it.each([{ alfa: 3 }, { alpha: -1 }, { importance: "fisher" }])("refuses %o", (options) => {
    expect(() => ssd(options as never)).toThrow(expect.objectContaining({ code: "options/invalid" }));
  });
});
