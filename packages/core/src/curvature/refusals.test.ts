import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createContext } from "../context/index.ts";
import { arrayDataset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { createRandom } from "../random/index.ts";
import { mapTree, type TensorTree } from "../tree/index.ts";
import { blockDiagonal, layerBlocks } from "./block-diagonal.ts";
import { combineCurvature, dampedCurvature } from "./combine.ts";
import { denseMatrix } from "./dense.ts";
import { diagonal } from "./diagonal.ts";
import { empiricalFisher, trueFisher } from "./fisher.ts";
import { mlp, softmaxRegression } from "./fixtures/networks.ts";
import { generalisedGaussNewton } from "./gauss-newton.ts";
import { hessian } from "./hessian.ts";
import { kroneckerFactors } from "./kronecker-factors.ts";
import { inverseKroneckerOperator, kroneckerOperator } from "./kronecker.ts";
import { curvatureOperator } from "./operator.ts";
import { outputLoss, type OutputLoss } from "./output-loss.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const { model, data } = mlp();
const options = (context = createContext()) => ({ context, batchSize: 4 });
const code = (value: string): unknown => expect.objectContaining({ code: value });

/** What `body` throws, after which no tensor may be left behind. */
async function refusal(body: () => Promise<unknown>): Promise<unknown> {
  const before = tf.memory().numTensors;
  const error: unknown = await body().then(
    () => "nothing was thrown",
    (thrown: unknown) => thrown,
  );
  expect(tf.memory().numTensors).toBe(before);
  return error;
}

const withVector = (change: (parameters: Record<string, tf.Tensor>) => TensorTree, of = hessian) =>
  refusal(async () => {
    const ones = mapTree(model.parameters, (tensor) => tf.ones(tensor.shape));
    const vector = change({ ...ones });
    try {
      await of(model, data, options()).apply(vector);
    } finally {
      tf.dispose([ones, vector] as tf.TensorContainer);
    }
  });

const [first] = Object.keys(model.parameters);

describe("a vector is refused", () => {
  test("without a parameter, or with one too many", async () => {
    expect(await withVector((all) => Object.fromEntries(Object.entries(all).slice(1)))).toEqual(code("curvature/vector"));
    expect(await withVector((all) => ({ ...all, other: tf.ones([2]) }))).toEqual(code("curvature/vector"));
  });

  test("of another shape, or another length", async () => {
    expect(await withVector((all) => ({ ...all, [first]: tf.ones([2, 2]) }))).toEqual(code("curvature/vector"));
    const { apply } = hessian(model, data, options()).toLinearOperator();
    expect(await refusal(async () => apply(new Float64Array(3)))).toEqual(code("curvature/vector"));
  });

  test("with NaN, by every matrix, on the device and on the host", async () => {
    for (const of of [hessian, generalisedGaussNewton, empiricalFisher]) {
      expect(await withVector((all) => ({ ...all, [first]: tf.fill(all[first].shape, Number.NaN) }), of)).toEqual(code("curvature/non-finite"));
    }
    const { apply, dimension } = hessian(model, data, options()).toLinearOperator();
    expect(await refusal(async () => apply(new Float64Array(dimension).fill(Number.NaN)))).toEqual(code("curvature/non-finite"));
  });
});

describe("data is refused", () => {
  test("that has no samples, or of which none is visited", () => {
    const empty = arrayDataset({ inputs: new Float32Array(0), inputShape: [5], labels: [], classCount: 3 });
    for (const of of [hessian, generalisedGaussNewton, empiricalFisher, trueFisher]) {
      expect(() => of(model, empty, options())).toThrow(code("curvature/empty-data") as Error);
      expect(() => of(model, data, { ...options(), order: [] })).toThrow(code("curvature/empty-data") as Error);
    }
  });

  test("that the model cannot take", () => {
    const narrow = arrayDataset({ inputs: new Float32Array(4), inputShape: [4], labels: [0] });
    expect(() => hessian(model, narrow, options())).toThrow(code("problem/input-shape") as Error);
  });
});

test("a kernel whose second derivative is not proved is refused, and no tensor is left behind", async () => {
  const networkOf = (): tf.LayersModel =>
    tf.sequential({
      layers: [tf.layers.conv3d({ filters: 1, kernelSize: 2, inputShape: [2, 2, 2, 1] }), tf.layers.flatten(), tf.layers.dense({ units: 2 })],
    });
  const unproved = new Model(networkOf());
  const images = arrayDataset({ inputs: new Float32Array(16).fill(0.5), inputShape: [2, 2, 2, 1], labels: [0, 1] });
  for (const of of [hessian, generalisedGaussNewton]) {
    const operator = of(unproved, images, options());
    expect(await refusal(async () => operator.toLinearOperator().apply(new Float64Array(operator.dimension).fill(1)))).toEqual(
      code("autodiff/unsupported-kernel"),
    );
  }
});

test("weights that are beyond float32 give an error, not a number", async () => {
  const parameters = mapTree(model.parameters, (tensor) => tf.fill(tensor.shape, 1e38));
  const operator = hessian(model, data, { ...options(), weights: { parameters, buffers: {} } });
  expect(await refusal(async () => operator.toLinearOperator().apply(new Float64Array(operator.dimension).fill(1)))).toEqual(code("pass/non-finite"));
  tf.dispose(parameters as tf.TensorContainer);
});

describe("a run", () => {
  test("is interrupted between two batches", async () => {
    const controller = new AbortController();
    const context = createContext({ signal: controller.signal, onProgress: () => controller.abort() });
    const operator = hessian(model, data, options(context));
    const flat = new Float64Array(operator.dimension).fill(1);
    expect(await refusal(async () => operator.toLinearOperator().apply(flat))).toEqual(code("run/aborted"));
    expect(context.meter.read().hessianVectorProducts).toBe(4);
  });

  test.each([
    ["hessian", hessian],
    ["generalisedGaussNewton", generalisedGaussNewton],
    ["empiricalFisher", empiricalFisher],
  ])("of %s is metered by samples and reported by its name", async (_, of) => {
    const phases = new Set<string>();
    const context = createContext({ onProgress: ({ phase }) => phases.add(phase) });
    const { apply, dimension } = of(model, data, options(context)).toLinearOperator();
    await apply(new Float64Array(dimension).fill(1));
    expect(context.meter.read().hessianVectorProducts).toBe(data.size);
    expect([...phases]).toHaveLength(1);
  });
});

describe("what is made of matrices refuses", () => {
  test("a diagonal that is not known exactly, without probes", async () => {
    expect(await refusal(() => diagonal(hessian(model, data, options())))).toEqual(code("curvature/probes-needed"));
    const { objective, convex, hessianProduct } = outputLoss("softmax-cross-entropy");
    const loss: OutputLoss = { objective, convex, hessianProduct };
    expect(await refusal(() => diagonal(generalisedGaussNewton(model, data, { ...options(), loss })))).toEqual(code("curvature/probes-needed"));
    expect(await refusal(() => kroneckerFactors(model, data, { ...options(), loss }))).toEqual(code("curvature/no-factor"));
    expect(() => trueFisher(model, data, { ...options(), loss })).toThrow(code("curvature/sampling") as Error);
    const labels = { draws: 1, random: createRandom(1) };
    expect(await refusal(() => kroneckerFactors(model, data, { ...options(), loss, labels }))).toEqual(code("curvature/sampling"));
  });

  test("no draws", async () => {
    const labels = { draws: 0, random: createRandom(1) };
    expect(await refusal(() => kroneckerFactors(model, data, { ...options(), labels }))).toEqual(code("curvature/sampling"));
    expect(() => trueFisher(model, data, { ...options(), labels })).toThrow(code("curvature/sampling") as Error);
  });

  test("negative damping, infinite weights, other parameters", async () => {
    const operator = hessian(model, data, options());
    expect(() => dampedCurvature(operator, -1)).toThrow(code("curvature/weight") as Error);
    expect(() => combineCurvature([])).toThrow(code("curvature/weight") as Error);
    expect(() => combineCurvature([{ operator, weight: Infinity }])).toThrow(code("curvature/weight") as Error);
    const small = softmaxRegression();
    const other = hessian(small.model, small.data, options());
    expect(() => combineCurvature([operator, other].map((each) => ({ operator: each, weight: 1 })))).toThrow(code("curvature/vector") as Error);
    const factors = await kroneckerFactors(small.model, small.data, options());
    expect(() => kroneckerOperator(factors, model.parameters)).toThrow(code("curvature/vector") as Error);
    expect(() => inverseKroneckerOperator(factors, model.parameters, 0.1)).toThrow(code("curvature/vector") as Error);
    for (const lambda of [0, -1, Infinity, Number.NaN]) {
      expect(() => inverseKroneckerOperator([], model.parameters, lambda)).toThrow(code("curvature/weight") as Error);
    }
  });

  test("blocks that leave a parameter out or hold it twice", () => {
    const operator = hessian(model, data, options());
    const blocks = layerBlocks(model);
    expect(() => blockDiagonal(operator, blocks.slice(1))).toThrow(code("curvature/blocks") as Error);
    expect(() => blockDiagonal(operator, [...blocks, blocks[0]])).toThrow(code("curvature/blocks") as Error);
  });

  test("to write down a matrix that is too large, or not symmetric", async () => {
    const large = curvatureOperator({ parameters: { w: { shape: [5001] } }, definiteness: "unknown", product: () => Promise.resolve({}) });
    expect(await refusal(() => denseMatrix(large))).toEqual(code("curvature/too-large"));
    const skewed = curvatureOperator({
      parameters: { w: { shape: [2] } },
      definiteness: "unknown",
      product: async ({ w }) => {
        const [x, y] = await w.data();
        return { w: { shape: [2], values: Float64Array.of(x + 2 * y, y) } };
      },
    });
    expect(await refusal(() => denseMatrix(skewed))).toEqual(code("curvature/not-symmetric"));
  });
});
