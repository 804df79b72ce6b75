import * as tf from "@tensorflow/tfjs";
import { createContext, createProblem, createTrainedProblem, Model, prepare, subset, unlearn, type Dataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import type { PguArtifact } from "./artifact.ts";
import { rateOf } from "./descent.ts";
import { gaussians, trained } from "./fixtures/problems.ts";
import { pgu } from "./index.ts";
import type { PguInput } from "./options.ts";
import { stoppingRule, type EpochRow } from "./stopping.ts";
import { expectedAccuracy } from "./unseen.ts";

const data = gaussians();
let model: Model;

beforeAll(async () => {
  await tf.setBackend("cpu");
  model = await trained(data);
});

const ofClass = (label: number): number[] => [...data.labels.keys()].filter((i) => data.labels[i] === label);

async function prepared(validation?: Dataset): Promise<PguArtifact> {
  return (await prepare({ model, data, validation, method: pgu() })).artifact as PguArtifact;
}

/** Labels that the model gets wrong in a known share: of every class, all but the first of four. */
function mislabelled(): Dataset {
  const fresh = gaussians(64, "fresh");
  const labels = fresh.labels.map((label, i) => (i < 16 ? (label + 1) % 4 : label));
  return { ...fresh, labels, read: async (at) => ({ ...(await fresh.read(at)), labels: Int32Array.from(at, (i) => labels[i]) }) };
}

describe("what is expected of samples never seen", () => {
  it("is the accuracy on validation samples of their classes, and none where a class is to go altogether", async () => {
    const artifact = await prepared(mislabelled());
    const { options } = pgu();
    expect(artifact.metadata.unseen).toEqual({ source: "validation", byClass: [0.75, 0.75, 0.75, 0.75], overall: 0.75 });
    const labels = (...positions: number[]) => Int32Array.from(positions, (i) => data.labels[i]);
    expect(expectedAccuracy(artifact, labels(0, 1, 2), options)).toBe(0.75);
    expect(expectedAccuracy(artifact, labels(...ofClass(1)), options)).toBe(0);
    // A whole class of 20 and 20 samples of another, of which as many as one remain.
    expect(expectedAccuracy(artifact, labels(...ofClass(1), ...ofClass(2).slice(1)), options)).toBeCloseTo((0.75 * 19) / 39, 12);
    expect(expectedAccuracy(artifact, labels(0, 1), pgu({ objective: "depoison" }).options)).toBeCloseTo(0.25 / 3, 12);
  });

  it("is bounded by the accuracy on D where there is no validation set, which the message says", async () => {
    const artifact = await prepared();
    expect(artifact.metadata.unseen.source).toBe("training");
    const forget = ofClass(1).slice(0, 8).map(String);
    const { status, message, report } = await unlearn({ model, data, forget, method: pgu({ tau: 0.5, rate: 1 }), artifact });
    expect(status).toBe("completed");
    expect(message).toContain("prepare was given no validation set");
    expect(report).toMatchObject({ expectedFrom: "training", expectedAccuracy: artifact.metadata.unseen.byClass[1] });
  });
});

describe("rules", () => {
  const row = (epoch: number, forgetAccuracy: number, more: Partial<EpochRow> = {}): EpochRow => ({
    epoch,
    rate: 1,
    forgetAccuracy,
    forgetLoss: 1,
    ...more,
  });
  const ruleOf = async (options: PguInput, validation?: Dataset, forget = ofClass(1).slice(0, 5)) => {
    const problem = createProblem(createTrainedProblem({ model, data, validation }), Uint32Array.from(forget));
    return stoppingRule(problem, await prepared(validation), pgu(options).options, createContext());
  };

  it("unseen: stops below what is expected, at the closer of the last two epochs", async () => {
    const { judge, expected } = await ruleOf({}, mislabelled());
    expect(expected).toBe(0.75);
    expect(judge([row(0, 1)])).toBe("go-on");
    expect(judge([row(0, 1), row(1, 0.75)])).toBe("go-on");
    expect(judge([row(0, 1), row(1, 0.7)])).toBe("stop-here");
    expect(judge([row(0, 0.8), row(1, 0.4)])).toBe("stop-before");
    expect(judge([row(0, 0.6)])).toBe("stop-here");
  });

  it("unseen, for a class: stops where 1 % is left", async () => {
    const { judge, expected } = await ruleOf({}, undefined, ofClass(1));
    expect(expected).toBe(0);
    expect(judge([row(0, 1), row(1, 0.02)])).toBe("go-on");
    expect(judge([row(0, 1), row(1, 0.01)])).toBe("stop-here");
  });

  it("validation: compares with the model as it is now", async () => {
    const { judge, look } = await ruleOf({ stop: "validation" }, mislabelled());
    expect(await look(model.weights)).toEqual({ validationAccuracy: 0.75 });
    const gaps = [row(0, 1, { validationAccuracy: 0.97 }), row(1, 0.96, { validationAccuracy: 0.95 }), row(2, 0.9, { validationAccuracy: 0.93 })];
    expect(judge(gaps.slice(0, 2))).toBe("go-on");
    expect(judge(gaps)).toBe("stop-before");
    await expect(ruleOf({ stop: "validation" })).rejects.toMatchObject({ code: "pgu/needs-validation" });
  });

  it("retain: stops once the accuracy on D_r has fallen by more than the tolerance, and keeps that epoch", async () => {
    const { judge } = await ruleOf({ stop: "retain" });
    const rows = [row(0, 1, { retainAccuracy: 0.9 }), row(1, 0.5, { retainAccuracy: 0.86 }), row(2, 0, { retainAccuracy: 0.84 })];
    expect(judge(rows.slice(0, 2))).toBe("go-on");
    expect(judge(rows)).toBe("stop-here");
    const all = [...data.labels.keys()];
    await expect(ruleOf({ stop: "retain" }, undefined, all)).rejects.toMatchObject({ code: "pgu/needs-retain" });
  });

  it("epochs: never stops", async () => {
    expect((await ruleOf({ stop: "epochs" })).judge([row(0, 0)])).toBe("go-on");
  });
});

it("takes the authors' rates, one factor before the first step", () => {
  const schedule = { rate: 10, finalRate: 2, epochs: 5 };
  expect([1, 5].map((epoch) => rateOf(epoch, schedule))).toEqual([10 * 0.2 ** (1 / 6), 10 * 0.2 ** (5 / 6)]);
});

describe("how a request ends", () => {
  const run = (options: PguInput, forget: { class: number } | readonly string[] = { class: 1 }, validation?: Dataset) =>
    unlearn({ model, data, forget, validation, method: pgu(options) });

  it("with the budget reached, naming what to try", async () => {
    const { status, message, report } = await run({ epochs: 2, rate: 1e-4 });
    expect(status).toBe("budget-reached");
    expect(message).toContain("try more epochs, a higher rate, or a lower tau");
    expect(report["chosenEpoch"]).toBe(2);
  });

  it("with nothing changed where the model does no better already", async () => {
    const fresh = gaussians(64, "fresh");
    const wrong = ofClass(1).slice(0, 3);
    const labels = data.labels.map((label, i) => (wrong.includes(i) ? 2 : label));
    const poisoned: Dataset = { ...data, labels, read: async (at) => ({ ...(await data.read(at)), labels: Int32Array.from(at, (i) => labels[i]) }) };
    const { status, message } = await unlearn({ model, data: poisoned, validation: fresh, forget: wrong.map(String), method: pgu() });
    expect(status).toBe("no-effect");
    expect(message).toContain("classifies 0.0 % of the forget set as labelled");
  });

  it("with nothing changed where nothing is left to forget, and no claim to be below what is expected", async () => {
    const gone = await run({ stop: "epochs", epochs: 60, tau: 0, rate: 1 });
    const { status, message } = await unlearn({ model: gone.model, data, forget: { class: 1 }, method: pgu() });
    expect(status).toBe("no-effect");
    expect(message).toContain("classifies 0.0 % of the forget set as labelled already, and 0.0 % is expected of samples never seen");
  });

  it("with nothing changed where the model has no kernel that may move", async () => {
    const dense = tf.layers.dense({ units: 4, inputShape: [2], trainable: false });
    const network = tf.sequential({ layers: [dense, tf.layers.batchNormalization(), tf.layers.softmax()] });
    const { status, message } = await unlearn({ model: network, data, forget: { class: 1 }, method: pgu() });
    expect(status).toBe("no-effect");
    expect(message).toContain("no dense layer or convolution that may be trained");
  });

  it("with nothing changed where the first epoch went too far, naming a lower rate", async () => {
    const { status, message } = await run({ tau: 0, rate: 1000, finalRate: 1000 }, ofClass(1).slice(0, 8).map(String), gaussians(64, "fresh"));
    expect(status).toBe("no-effect");
    expect(message).toContain("try a rate of 100 and a finalRate of 100,");
  });

  it("with nothing changed where every step is rounded away", async () => {
    const { status, message, artifact, model: after } = await run({ rate: 1e-30, stop: "epochs", epochs: 2 });
    expect(status).toBe("no-effect");
    expect(message).toContain("raise the rate");
    expect(artifact?.data.size).toBe(80);
    expect(await new Model(after).hash()).toBe(await model.hash());
  });

  it("early where the retained data suffers", async () => {
    const { status, message, report } = await run({ stop: "retain", tau: 0, rate: 20, finalRate: 20 });
    expect(status).toBe("stopped-early");
    expect(message).toContain("on the retained data had fallen");
    const epochs = report["epochs"] as unknown as EpochRow[];
    expect(epochs[0].retainAccuracy! - epochs.at(-1)!.retainAccuracy!).toBeGreaterThan(0.05);
  });

  it("completed with all epochs done", async () => {
    const { status, report, cost } = await run({ stop: "epochs", epochs: 3 });
    expect(status).toBe("completed");
    expect(report["chosenEpoch"]).toBe(3);
    expect(cost.samplesBackward).toBe(3 * 20);
  });

  it("reads no retained sample of what is given to it, D being larger", async () => {
    const { artifact } = await prepare({ model, data, method: pgu() });
    const asked = new Set<number>();
    const watched: Dataset = { ...data, read: async (at) => (Array.from(at, (i) => asked.add(i)), data.read(at)) };
    await unlearn({ model, data: watched, forget: { class: 3 }, method: pgu({ epochs: 2 }), artifact });
    expect([...asked].toSorted((a, b) => a - b)).toEqual([...subset(data, ofClass(3)).ids].map(Number));
  });
});
