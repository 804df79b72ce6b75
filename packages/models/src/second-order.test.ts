import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createContext, createRandom, defaultLoss, fromHost, gradientSum, lossFunction, toHost } from "@lethe/core";
import { flattenTree, generalisedGaussNewton, hessian, unflattenTree } from "@lethe/core/curvature";
import { drawData, drawModel, narrowBuilders } from "./fixtures/narrow.ts";

beforeAll(async () => {
  // tfjs's cpu backend then computes in float64, and a step can be so small that no relu and no maximum changes sides.
  globalThis.Float32Array = Float64Array as unknown as Float32ArrayConstructor;
  tf.env().platform.isTypedArray = (array): array is Float32Array => ArrayBuffer.isView(array);
  await tf.setBackend("cpu");
});

const norm = (vector: Float64Array): number => Math.hypot(...vector);

it.each(narrowBuilders)(
  "second derivatives of $id are right: central differences of the gradient, symmetry, a positive Gauss-Newton matrix",
  async (builder) => {
    const random = createRandom(4);
    const model = drawModel(builder, random, 4);
    const samples = 3;
    const data = drawData(builder, random, [0, 3, 1], 4);
    const options = { context: createContext(), batchSize: 2, phase: "" };
    const h = hessian(model, data, options);
    const { apply } = h.toLinearOperator();
    const draw = (): Float64Array => Float64Array.from({ length: h.dimension }, () => random.normal());
    const [u, v] = [draw(), draw()];

    const at = flattenTree(await toHost(model.parameters));
    const gradientAt = async (step: number): Promise<Float64Array> => {
      const parameters = fromHost(
        unflattenTree(
          at.map((value, i) => value + step * v[i]),
          h.parameters,
        ),
      );
      const sums = await gradientSum(model, data, lossFunction(defaultLoss(model.ending)), options, { parameters, buffers: model.buffers });
      tf.dispose(parameters as tf.TensorContainer);
      return flattenTree(sums).map((value) => value / samples);
    };
    const step = 1e-7;
    const [after, before] = [await gradientAt(step), await gradientAt(-step)];
    const differences = after.map((value, i) => (value - before[i]) / (2 * step));
    const [hu, hv] = [await apply(u), await apply(v)];
    expect(norm(hv.map((value, i) => value - differences[i])) / norm(differences)).toBeLessThan(1e-5);

    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
    expect(Math.abs(dot(u, hv) - dot(v, hu)) / (norm(u) * norm(hv))).toBeLessThan(1e-12);
    const gv = await generalisedGaussNewton(model, data, options).toLinearOperator().apply(v);
    expect(dot(v, gv)).toBeGreaterThan(0);
    model.dispose();
  },
);
