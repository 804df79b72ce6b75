import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, values } from "../fixtures/backends.ts";
import type { Result } from "../fixtures/backends.ts";
import { caseName, convCases, specialCases } from "../fixtures/conv-cases.ts";
import type { ConvCase } from "../fixtures/conv-cases.ts";
import { convInfo } from "../wasm/conv-geometry.ts";
import { fit, unfit, windowAxes, withoutGaps } from "./windows.ts";

// The geometry by itself, on the backend whose convolutions take every padding and rounding.
const table = [...convCases(0), ...specialCases()].filter(({ dataFormat }) => dataFormat === "NHWC");

const kernel = (name: string, inputs: tf.NamedTensorMap, attributes: object): Result => {
  const y = tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
  return { shape: y.shape, data: Float32Array.from(y.dataSync()) };
};

const given = ({ input, filter, ...attributes }: ConvCase) => {
  const info = convInfo(input, filter, attributes);
  const axes = windowAxes(info);
  const [x, w, dy] = [values(input, 1), values(filter, 2), values(info.outShape, 3)] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const fitted = { ...attributes, pad: "valid", dimRoundingMode: undefined };
  return { x, w, dy, axes, attributes, fitted, strides: axes.map(({ stride, span }) => Math.min(stride, span)) };
};

describe("a convolution whose input has been fitted", () => {
  beforeAll(async () => void (await tf.setBackend("cpu")));

  it.each(table.map((conv) => [caseName(conv), conv] as const))("needs no padding: %s", (_, conv) => {
    tf.tidy(() => {
      const { x, w, dy, axes, attributes, fitted, strides } = given(conv);
      const [bordered, filterShape] = [fit(x, axes), conv.filter];
      const forward = kernel("Conv2D", { x: bordered, filter: w }, { ...fitted, dilations: 1 });
      expect(distance(forward, kernel("Conv2D", { x, filter: w }, { ...attributes, dilations: 1 }))).toBeLessThan(1e-6);

      const dw = kernel("Conv2DBackpropFilter", { x: withoutGaps(bordered, axes), dy }, { ...fitted, strides, filterShape });
      expect(distance(dw, kernel("Conv2DBackpropFilter", { x, dy }, { ...attributes, filterShape }))).toBeLessThan(1e-5);

      const { shape, data } = kernel("Conv2DBackpropInput", { dy, filter: w }, { ...fitted, inputShape: bordered.shape });
      const dx = unfit(tf.tensor4d(data, shape as [number, number, number, number]), axes);
      const expected = kernel("Conv2DBackpropInput", { dy, filter: w }, { ...attributes, inputShape: x.shape });
      expect(distance({ shape: dx.shape, data: dx.dataSync() as Float32Array }, expected)).toBeLessThan(1e-6);
    });
  });
});
