import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { arrayDataset, identifyDataset, type Dataset } from "./data/index.ts";
import { decodeArtifact, encodeArtifact, type AnyMethod, type Artifact, type OutcomeStatus, type StandardSchemaV1 } from "./method/index.ts";
import { configure } from "./method/index.ts";
import { Model } from "./model/index.ts";
import { mapTree } from "./tree/index.ts";
import { prepare, unchangedWeights, unlearn } from "./unlearn.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const data = (): Dataset =>
  arrayDataset({ inputs: Float32Array.from({ length: 24 }, (_, i) => i / 24), inputShape: [2], labels: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2] });
const network = (): tf.LayersModel =>
  tf.sequential({ layers: [tf.layers.dense({ name: "dense", units: 3, inputShape: [2], activation: "softmax" })] });

const anything: StandardSchemaV1 = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };

/** Multiplies every weight by a factor; its artifact remembers the size of D. */
function scaling(factor: number, declared: Partial<AnyMethod["method"]> = {}, status: OutcomeStatus = "completed"): AnyMethod {
  const method = {
    contract: 1,
    id: "scaling",
    title: "Scaling",
    citation: { authors: "", title: "", venue: "", year: 2026, url: "" },
    guarantee: "approximate",
    needs: { retain: "statistics", labels: "not-needed", trace: "not-needed", recipe: "not-needed", layers: "any" },
    scenarios: ["random"],
    options: anything,
    async prepare({ model, data: full }, _options, context) {
      context.meter.forward(full.size);
      return {
        method: "scaling",
        version: 1,
        model: await model.hash(),
        data: { identity: await identifyDataset(full), size: full.size },
        tensors: {},
        metadata: {},
      };
    },
    async unlearn({ model }, artifact, _options, context) {
      const { parameters, buffers } = unchangedWeights(model);
      const scaled = mapTree(parameters, (tensor) => tf.mul(tensor, factor));
      tf.dispose(parameters as tf.TensorContainer);
      return {
        status,
        message: "Scaled.",
        weights: { parameters: scaled, buffers },
        artifact: artifact as Artifact,
        report: {},
        cost: context.meter.read(),
      };
    },
    ...declared,
  } as AnyMethod["method"];
  return { method, options: {} };
}

describe("unlearn", () => {
  it("returns a new network and leaves the given one alone", async () => {
    const given = network();
    const before = await new Model(given).hash();
    const tensors = tf.memory().numTensors;
    const result = await unlearn({ model: given, data: data(), forget: { class: 1 }, method: scaling(0.5) });
    expect(result.status).toBe("completed");
    expect(result.forgotten).toEqual(["1", "4", "7", "10"]);
    expect(result.preparation?.samplesForward).toBe(12);
    expect(await new Model(given).hash()).toBe(before);
    const [old, halved] = [given, result.model].map((each) => each.getWeights()[0].dataSync());
    halved.forEach((value, i) => expect(value).toBeCloseTo(old[i] / 2, 6));
    new Model(result.model).dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("does not prepare again when it is given the artifact", async () => {
    const model = network();
    const { artifact } = await prepare({ model, data: data(), method: scaling(1) });
    const result = await unlearn({ model, data: data(), forget: ["3"], method: scaling(1), artifact });
    expect(result.preparation).toBeUndefined();
  });

  it("changes nothing for an empty forget set", async () => {
    const model = network();
    const result = await unlearn({ model, data: data(), forget: [], method: scaling(0) });
    expect(result.status).toBe("no-effect");
    expect(await new Model(result.model).hash()).toBe(await new Model(model).hash());
  });

  it("gives back the old weights when the new ones are not finite", async () => {
    const model = network();
    const result = await unlearn({ model, data: data(), forget: ["3"], method: scaling(Number.NaN) });
    expect(result.status).toBe("non-finite");
    expect(await new Model(result.model).hash()).toBe(await new Model(model).hash());
  });

  it.each([
    ["forget/everything", { forget: data().ids }],
    ["forget/unknown-id", { forget: ["99"] }],
    ["problem/input-shape", { data: arrayDataset({ inputs: new Float32Array(6), inputShape: [3], labels: [0, 1] }) }],
    ["problem/class-count", { data: arrayDataset({ inputs: new Float32Array(4), inputShape: [2], labels: [0, 9] }) }],
    ["data/label-out-of-range", { data: arrayDataset({ inputs: new Float32Array(4), inputShape: [2], labels: [0, 9], classCount: 3 }) }],
    ["method/needs-trace", { method: scaling(1, { needs: { ...scaling(1).method.needs, trace: "required" } }) }],
    ["method/needs-recipe", { method: scaling(1, { needs: { ...scaling(1).method.needs, recipe: "required" } }) }],
    ["method/layer-kind", { method: scaling(1, { needs: { ...scaling(1).method.needs, layers: ["conv2d"] } }) }],
  ])("refuses: %s", async (code, change) => {
    await expect(unlearn({ model: network(), data: data(), forget: ["0"], method: scaling(1), ...change })).rejects.toMatchObject({ code });
  });

  it("survives a method that hands out the model's own weights, or others", async () => {
    const model = network();
    const before = await new Model(model).hash();
    const returning = (weights: (own: Model["weights"]) => Model["weights"]): AnyMethod =>
      scaling(1, {
        unlearn: async ({ model: own }, _artifact, _options, context) => ({
          status: "completed",
          message: "Done.",
          weights: weights(own.weights),
          artifact: undefined,
          report: {},
          cost: context.meter.read(),
        }),
      });
    const request = { model, data: data(), forget: ["0"] };
    await unlearn({ ...request, method: returning((own) => own) });
    expect(await new Model(model).hash()).toBe(before);
    const tensors = tf.memory().numTensors;
    for (const make of [() => ({}), () => ({ "dense/kernel": tf.zeros([3, 3]), "dense/bias": tf.zeros([3]) })]) {
      const bad = unlearn({ ...request, method: returning(() => ({ parameters: make(), buffers: {} })) });
      await expect(bad).rejects.toMatchObject({ code: "method/bad-outcome" });
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("says how to configure a method that is not", async () => {
    const method = (() => undefined) as unknown as AnyMethod;
    await expect(unlearn({ model: network(), data: data(), forget: ["0"], method })).rejects.toMatchObject({ code: "method/not-configured" });
  });

  it("refuses a model with weights that are not finite and names the weight", async () => {
    const model = network();
    model.setWeights([tf.fill([2, 3], Number.NaN), tf.zeros([3])]);
    const request = unlearn({ model, data: data(), forget: ["0"], method: scaling(1) });
    await expect(request).rejects.toMatchObject({ code: "model/non-finite", details: { weight: "dense/kernel" } });
  });
});

describe("artifacts", () => {
  const setUp = async () => {
    const model = network();
    const { artifact } = await prepare({ model, data: data(), method: scaling(1) });
    return { model, artifact: { ...artifact!, tensors: { sums: { shape: [2], values: new Float64Array([1 / 3, 2]) } }, metadata: { count: 12 } } };
  };

  it("survive bytes", async () => {
    const { artifact } = await setUp();
    expect(decodeArtifact(encodeArtifact(artifact))).toEqual(artifact);
  });

  it("are refused with another model, data set or method, or when they are something else", async () => {
    const { model, artifact } = await setUp();
    const request = { model, data: data(), forget: ["0"], method: scaling(1), artifact };
    await expect(unlearn({ ...request, model: network() })).rejects.toMatchObject({ code: "artifact/other-model" });
    const relabelled = arrayDataset({ inputs: new Float32Array(24), inputShape: [2], labels: Array(12).fill(0), classCount: 3 });
    await expect(unlearn({ ...request, data: relabelled })).rejects.toMatchObject({ code: "artifact/other-data" });
    await expect(unlearn({ ...request, method: scaling(1, { id: "other" }) })).rejects.toMatchObject({ code: "artifact/other-method" });
    const { encodeSafetensors } = await import("./io/index.ts");
    expect(() => decodeArtifact(encodeSafetensors({}), "x.safetensors")).toThrow(expect.objectContaining({ code: "artifact/not-an-artifact" }));
  });
});

describe("configure", () => {
  it("counts an option that is undefined as not given", () => {
    const spreading: StandardSchemaV1 = {
      "~standard": { version: 1, vendor: "test", validate: (options) => ({ value: { alpha: 10, lambda: 1, ...(options as object) } }) },
    };
    const method = { ...scaling(1).method, options: spreading } as never;
    expect(configure(method, { alpha: undefined, lambda: 0 }).options).toEqual({ alpha: 10, lambda: 0 });
  });

  it("passes on what the schema says, with the path", () => {
    const refusing: StandardSchemaV1 = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "is wrong", path: ["alpha"] }] }) },
    };
    const method = { ...scaling(1).method, options: refusing } as never;
    expect(() => configure(method, {})).toThrow(
      expect.objectContaining({ code: "options/invalid", message: expect.stringContaining("alpha: is wrong") }),
    );
  });
});
