import * as tf from "@tensorflow/tfjs";
import { createContext, inputMoments, Model, prepare, subset, unlearn, type Dataset, type ForgetSelection } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { packAll, storedMoments, type PguArtifact } from "./artifact.ts";
import { gaussians, trained } from "./fixtures/problems.ts";
import { driftOf } from "./drift.ts";
import { pgu, refresh } from "./index.ts";
import { packMoments } from "./statistics.ts";

const data = gaussians();
const method = pgu({ tau: 0.7, rate: 1, stop: "epochs", epochs: 10 });
let model: Model;

beforeAll(async () => {
  await tf.setBackend("cpu");
  model = await trained(data);
});

const without = (from: Dataset, forgotten: readonly string[]): Dataset =>
  subset(
    from,
    [...from.labels.keys()].filter((i) => !forgotten.includes(from.ids[i])),
  );

async function request(network: tf.LayersModel, from: Dataset, forget: ForgetSelection, artifact?: PguArtifact) {
  const result = await unlearn({ model: network, data: from, forget, method, artifact });
  return { ...result, artifact: result.artifact as PguArtifact, remaining: without(from, result.forgotten) };
}

async function momentsOf(of: Model, on: Dataset) {
  return packAll((await inputMoments(of, on, { context: createContext(), batchSize: 64, phase: "test", stride: "layer" })).moments);
}

describe("chained requests", () => {
  it("subtract each forget set as the model saw it then, and go on from the result", async () => {
    const { artifact: start } = await prepare({ model, data, method });
    const first = await request(model.network, data, { class: 1 }, start as PguArtifact);
    const middle = new Model(first.model);
    const second = await request(first.model, first.remaining, { class: 2 }, first.artifact);
    expect(second.artifact.model).toBe(await new Model(second.model).hash());
    expect(second.artifact.data.size).toBe(40);
    expect(second.artifact.metadata).toMatchObject({ requests: 2, ids: [...second.remaining.ids] });
    const whole = await momentsOf(model, data);
    const forgotten = [
      await momentsOf(model, subset(data, [...data.labels.keys()].filter((i) => data.labels[i] === 1))),
      await momentsOf(middle, subset(data, [...data.labels.keys()].filter((i) => data.labels[i] === 2))),
    ]; // prettier-ignore
    for (const kernel of Object.keys(whole)) {
      const { values } = storedMoments(second.artifact, kernel);
      values.forEach((value, i) =>
        expect(value).toBeCloseTo(whole[kernel].values[i] - forgotten[0][kernel].values[i] - forgotten[1][kernel].values[i], 9),
      );
    }
  });

  it("do not take a sample out twice", async () => {
    const first = await request(model.network, data, ["1", "5"]);
    await expect(request(first.model, data, ["1"], first.artifact)).rejects.toMatchObject({ code: "artifact/other-data" });
    const again = subset(data, [1]);
    await expect(request(first.model, again, ["1"], first.artifact)).rejects.toMatchObject({ code: "artifact/unknown-samples" });
  });
});

describe("refresh", () => {
  it("finds no drift where the model has not moved", async () => {
    const { artifact } = await prepare({ model, data, method });
    const { drift, artifact: again } = await refresh({ model, data, method, artifact: artifact as PguArtifact });
    expect(again).toEqual(artifact);
    for (const { distance, covered, coveredWhenFresh } of Object.values(drift)) {
      expect(distance).toBe(0);
      expect(covered).toBe(coveredWhenFresh);
    }
  });

  it("finds that of the moved model's deeper layers, and mends it", async () => {
    const first = await request(model.network, data, { class: 1 });
    const { drift, artifact } = await refresh({ model: first.model, data: first.remaining, method, artifact: first.artifact });
    // The first layer's inputs are the data, and C_f was taken out of it.
    expect(drift["hidden/kernel"].distance).toBeLessThan(1e-6);
    expect(drift["output/kernel"].distance).toBeGreaterThan(1e-3);
    const fresh = await momentsOf(new Model(first.model), first.remaining);
    for (const kernel of Object.keys(drift)) expect([...storedMoments(artifact, kernel).values]).toEqual([...fresh[kernel].values]);
    expect(artifact.metadata.requests).toBe(0);
    const second = await request(first.model, first.remaining, { class: 2 }, artifact);
    expect(second.status).toBe("completed");
  });

  it("refuses another model, and less than all that remains", async () => {
    const { artifact } = await prepare({ model, data, method });
    const stored = artifact as PguArtifact;
    const other = await trained(gaussians(80, "other"));
    await expect(refresh({ model: other, data, method, artifact: stored })).rejects.toMatchObject({ code: "artifact/other-model" });
    await expect(refresh({ model, data: subset(data, [0, 1, 2]), method, artifact: stored })).rejects.toMatchObject({ code: "artifact/other-data" });
  });

  const { pause } = createContext();

  it("measures by hand: C = diag(4, 1), C' = diag(1, 4)", async () => {
    const [stored, fresh] = [Float64Array.of(4, 0, 0, 1), Float64Array.of(1, 0, 0, 4)].map((values) => packMoments(values, 1, 2));
    // S = 2, 1: tau 0.7 protects the first axis by the stored, the second by the new statistics.
    const { distance, covered, coveredWhenFresh } = await driftOf(stored, fresh, 2, 0.7, "subset", pause);
    expect(distance).toBeCloseTo(Math.sqrt(18 / 17), 12);
    expect(covered).toBeCloseTo(0.2, 12);
    expect(coveredWhenFresh).toBeCloseTo(0.8, 12);
  });

  it("counts what is off the diagonal twice, as a matrix has it", async () => {
    const [stored, fresh] = [Float64Array.of(2, 0, 0, 2), Float64Array.of(2, 1, 1, 2)].map((values) => packMoments(values, 1, 2));
    expect(await driftOf(stored, fresh, 2, 1, "subset", pause)).toEqual({ distance: Math.sqrt(2 / 10), covered: 1, coveredWhenFresh: 1 });
  });
});
