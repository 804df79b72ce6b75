import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, Model } from "@lethe/core";
import { denseMatrix, flatLoss, type ModelLoss } from "@lethe/core/curvature";
import { cholesky, choleskySolve, symmetricEigen, type Matrix } from "@lethe/core/linalg";
import { beforeAll, describe, expect, test } from "vitest";
import { lissa, type LissaRequest } from "./lissa.ts";
import { difference, norm } from "./vector.ts";

let loss: ModelLoss;
let request: LissaRequest;
let exact: Float64Array;
let largest: number;

beforeAll(async () => {
  await tf.setBackend("cpu");
  const random = createRandom("lissa");
  const layers = [tf.layers.dense({ units: 3, inputShape: [2], activation: "tanh" }), tf.layers.dense({ units: 2 })];
  const model = new Model(tf.sequential({ layers })).initialise(random.split("weights"));
  const inputs = Float32Array.from({ length: 40 }, () => random.normal());
  const data = arrayDataset({ inputs, inputShape: [2], labels: Array.from({ length: 20 }, (_, i) => i % 2) });
  loss = await flatLoss(model, data, { context: createContext(), batchSize: 20 });
  const matrix = await denseMatrix(loss.hessian(loss.current));
  const { values } = symmetricEigen(matrix);
  const damping = 0.1 - Math.min(0, values[0]);
  largest = values[values.length - 1] + damping;
  const { dimension } = loss;
  const damped: Matrix = { shape: matrix.shape, values: matrix.values.map((value, i) => (i % (dimension + 1) === 0 ? value + damping : value)) };
  const vector = Float64Array.from({ length: dimension }, () => random.normal());
  exact = choleskySolve(cholesky(damped), vector);
  request = { loss, at: loss.current, vector, damping, hessianBatch: 20, passes: 200, patience: 20, tolerance: 1e-6, random };
});

const errorOf = (solution: Float64Array) => norm(difference(solution, exact)) / norm(exact);

describe("LiSSA", () => {
  test("over full batches is the dense inverse of a network of two layers", async () => {
    let products = 0;
    const { solution, ending, scale } = await lissa({ ...request, onProduct: () => products++ });
    expect(ending).toBe("converged");
    expect(errorOf(solution)).toBeLessThan(2e-5);
    expect(scale).toBeGreaterThan(largest);
    expect(scale).toBeLessThan(1.2 * largest);
    expect(products).toBeGreaterThan(20);
  });

  test("over batches comes near it, and stops where only noise is left", async () => {
    const { solution, ending } = await lissa({ ...request, hessianBatch: 10, scale: 10 * largest, patience: 200, passes: 1000 });
    expect(ending).toBe("patience");
    expect(errorOf(solution)).toBeLessThan(0.1);
    expect(errorOf(solution)).toBeGreaterThan(1e-4);
  });

  test("says that its passes are used up", async () => {
    const { ending, solution } = await lissa({ ...request, passes: 3 });
    expect(ending).toBe("budget-reached");
    expect(errorOf(solution)).toBeGreaterThan(0.05);
  });
});
