import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createRandom, hashWeights, Model, train, createContext, unlearn, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { blobs } from "./fixtures/losses.ts";
import { cureNewton, presets, type CureNewtonInput, type CureNewtonReport } from "./index.ts";

const points = blobs(60, 4, 3, 1, "method");
const forget = Array.from({ length: 10 }, (_, i) => String(i));

function data(change: (row: readonly number[], index: number) => readonly number[] = (row) => row): Dataset {
  const rows = points.rows.map((row, index) => change(row.slice(0, 4), index));
  return arrayDataset({ inputs: Float32Array.from(rows.flat()), inputShape: [4], labels: points.labels });
}

let network: tf.LayersModel;

beforeAll(async () => {
  await tf.setBackend("cpu");
  const layers = [
    tf.layers.dense({ units: 6, inputShape: [4], activation: "tanh", name: "hidden" }),
    tf.layers.dense({ units: 3, activation: "softmax", name: "head" }),
  ];
  const model = new Model(tf.sequential({ layers })).initialise(createRandom(3));
  const recipe = { seed: 1, epochs: 30, batchSize: 10, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.02 } } as const;
  const { weights } = await train({ model, data: data(), recipe, context: createContext(), phase: "training" });
  network = model.copy(weights).network;
});

async function unlearned(options: CureNewtonInput, from: Dataset = data(), seed = 0) {
  const result = await unlearn({ model: network, data: from, forget, method: cureNewton(options), seed });
  return { ...result, report: result.report as unknown as CureNewtonReport, model: new Model(result.model) };
}

describe("cureNewton", () => {
  it("U8: reads no forgotten sample", async () => {
    const whole = data();
    const read = new Set<string>();
    const watched: Dataset = {
      ...whole,
      read: async (positions) => {
        for (const position of Array.from(positions)) read.add(whole.ids[position]);
        return whole.read(positions);
      },
    };
    const plain = await unlearned({ steps: 2 }, watched);
    expect(forget.filter((id) => read.has(id))).toEqual([]);
    const garbage = await unlearned(
      { steps: 2 },
      data((row, index) => (index < 10 ? row.map(() => 1e6) : row)),
    );
    expect(await hashWeights(garbage.model)).toBe(await hashWeights(plain.model));
  });

  it.each<[string, CureNewtonInput]>([
    ["stochastic", { gradientBatch: 32, hessianBatch: 32 }],
    ["with Lanczos", { solver: "lanczos", innerSteps: 8 }],
    ["theory", { mode: "theory", tolerance: 1e-2 }],
    ["exact", { variant: "exact", steps: 3 }],
    ["exact on the head", { variant: "exact", parameters: "head", steps: 3 }],
    ["exact on chosen parameters", { variant: "exact", parameters: ["hidden/bias", "head/bias"], steps: 3 }],
    ["adaptive", { variant: "exact", adaptation: "ratio", cubicConstant: 1e-2, steps: 20 }],
  ])("lowers the retain loss and says what it did: %s", async (_title, options) => {
    const { report, message, status, cost, model } = await unlearned(options);
    expect(["completed", "stopped-early"]).toContain(status);
    expect(report.retainLossAfter).toBeLessThan(report.retainLossBefore);
    expect(report.stepNorms.length).toBe(report.dampings.length);
    report.dampings.forEach((damping, i) => expect(damping).toBeCloseTo((report.cubicConstants[i] * report.stepNorms[i]) / 2, 5));
    expect(report.updateNorm).toBeGreaterThan(0);
    expect(message).toContain("the retain loss went from");
    expect(cost.hessianVectorProducts).toBeGreaterThan(0);
    const moved = Object.keys(model.parameters).filter((name) => {
      const before = new Model(network).parameters[name].dataSync();
      return model.parameters[name].dataSync().some((value, i) => value !== before[i]);
    });
    const scope = { head: ["head/kernel", "head/bias"], all: ["hidden/kernel", "hidden/bias", "head/kernel", "head/bias"] };
    const { parameters = "all" } = options;
    expect(moved).toEqual(typeof parameters === "string" ? scope[parameters] : parameters);
  });

  it("reaches one minimum of the head's convex loss, whatever M", async () => {
    const { report } = await unlearned({ variant: "exact", parameters: "head", steps: 30, tolerance: 1e-5, cubicConstant: 1, weightDecay: 0.1 });
    const again = await unlearned({ variant: "exact", parameters: "head", steps: 30, tolerance: 1e-5, cubicConstant: 4, weightDecay: 0.1 });
    expect(again.report.retainLossAfter).toBeCloseTo(report.retainLossAfter, 6);
    expect(report.smallestEigenvalue!).toBeGreaterThan(0.09);
  });

  it("U9: answers requests one after another, each on what remains", async () => {
    const first = await unlearn({ model: network, data: data(), forget: forget.slice(0, 5), method: cureNewton({ steps: 2 }) });
    const rest = arrayDataset({
      inputs: Float32Array.from(points.rows.slice(5).flatMap((row) => row.slice(0, 4))),
      inputShape: [4],
      labels: points.labels.slice(5),
      ids: points.rows.map((_, i) => String(i)).slice(5),
    });
    const second = await unlearn({ model: first.model, data: rest, forget: forget.slice(5), method: cureNewton({ steps: 2 }) });
    expect(second.status).toBe("completed");
    const again = await unlearn({ model: first.model, data: rest, forget: forget.slice(5), method: cureNewton({ steps: 2 }) });
    expect(await hashWeights(new Model(again.model))).toBe(await hashWeights(new Model(second.model)));
    expect(await hashWeights(new Model(second.model))).not.toBe(await hashWeights(new Model(first.model)));
  });

  it("leaves the model as it was where the steps leave the numbers", async () => {
    const { status, message, model } = await unlearned({ variant: "exact", cubicConstant: 1e-80, steps: 2 });
    expect(status).toBe("non-finite");
    expect(message).toContain("try an M of");
    expect(await hashWeights(model)).toBe(await hashWeights(new Model(network)));
  });

  it("says that the loss rose, and what to try", async () => {
    const { message } = await unlearned({ cubicConstant: 1e-4, perturbation: 30, innerRate: 1, steps: 3, gradientBatch: 4, hessianBatch: 4 });
    expect(message).toMatch(/It rose: try an M above 0\.0001/);
  });

  it("takes an option that is undefined for one not given", () => {
    expect(cureNewton({ steps: undefined, cubicConstant: undefined } as CureNewtonInput).options).toMatchObject({
      steps: 10,
      cubicConstant: 5,
      innerSteps: 5,
    });
  });

  it("leaves the inner steps to the theory in its mode, unless they are given, and takes its own options back", () => {
    const { options } = cureNewton({ mode: "theory" });
    expect(options.innerSteps).toBeUndefined();
    expect(cureNewton({ mode: "theory", innerSteps: 7 }).options.innerSteps).toBe(7);
    expect(cureNewton(JSON.parse(JSON.stringify(options)) as CureNewtonInput).options).toEqual(options);
  });

  it.each([
    ["mode", { variant: "exact", mode: "theory" }, "theory is a mode of variant stochastic"],
    ["solver", { variant: "exact", solver: "lanczos" }, "variant exact solves its model exactly"],
    ["solver", { mode: "theory", solver: "lanczos" }, "mode theory has solvers of its own"],
    ["adaptation", { mode: "theory", adaptation: "ratio" }, "mode theory keeps M"],
    ["smoothness", { smoothness: 3 }, "only mode theory reads it"],
  ] as const)("refuses %s where the other options would leave it unread: %j", (name, options, words) => {
    expect(() => cureNewton(options)).toThrow(
      expect.objectContaining({ code: "options/invalid", message: expect.stringContaining(`${name}: ${words}`) }),
    );
  });

  it("says where the inner loop climbed", async () => {
    const { report, message } = await unlearned({ innerRate: 1000, steps: 2 });
    expect(report.cauchySteps).toBe(2);
    expect(message).toContain("In 2 the inner loop climbed and its start was taken: try an innerRate below 1000.");
  });

  it("says that no step was good enough", async () => {
    const { status, message } = await unlearned({ variant: "exact", adaptation: "ratio", cubicConstant: 1e-12, steps: 2 });
    expect(status).toBe("no-effect");
    expect(message).toMatch(/^None of 2 steps kept a tenth of its promise/);
  });

  it("has the paper's presets, and lets options go before them", () => {
    expect(cureNewton({ preset: "cifar-10" }).options).toMatchObject({ cubicConstant: 50, gradientBatch: 128, hessianBatch: 64, innerSteps: 5 });
    expect(cureNewton({ preset: "tofu", cubicConstant: 3 }).options).toMatchObject({ cubicConstant: 3, gradientBatch: 10 });
    expect(Object.values(presets).map(({ cubicConstant }) => cubicConstant)).toEqual([5, 50, 80, 400]);
  });

  it("names the parameters that there are, where one is misspelt", async () => {
    await expect(unlearned({ parameters: ["haed/kernel"] })).rejects.toMatchObject({ code: "curvature/vector" });
  });
});
