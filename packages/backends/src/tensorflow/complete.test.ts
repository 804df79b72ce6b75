import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { arrayDataset, createContext, createRandom, Model, train } from "@lethe/core";
import { hessianVectorProduct, makeTwiceDifferentiable } from "@lethe/core/autodiff";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { chooseBackend } from "../choose.ts";
import { complaint, runAll, values } from "../fixtures/backends.ts";
import type { Case, Result } from "../fixtures/backends.ts";
import { caseName, convCases, specialCases } from "../fixtures/conv-cases.ts";
import type { ConvCase } from "../fixtures/conv-cases.ts";
import { convInfo, depthwiseInfo } from "../wasm/conv-geometry.ts";

const cache = fileURLToPath(new URL("../../../../node_modules/.cache/lethe/libtensorflow", import.meta.url));
const folder = process.env["LETHE_TFJS_NODE"] || join(cache, "node_modules", "@tensorflow", "tfjs-node");

const kernel = (name: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;

const convolution = (prefix: "Conv2D" | "DepthwiseConv2dNative", conv: ConvCase): Case => ({
  name: `${prefix} ${caseName(conv)}`,
  run: () => {
    const { input: inputShape, filter: filterShape, ...rest } = conv;
    const attributes = { ...rest, dilations: 1 };
    const info = prefix === "Conv2D" ? convInfo(inputShape, filterShape, attributes) : depthwiseInfo(inputShape, filterShape, attributes);
    const [x, filter, dy] = [values(inputShape, 1), values(filterShape, 2), values(info.outShape, 3)];
    return [
      kernel(prefix, { x, filter }, attributes),
      kernel(`${prefix}BackpropInput`, { dy, filter }, { ...attributes, inputShape }),
      kernel(`${prefix}BackpropFilter`, { x, dy }, { ...attributes, filterShape }),
    ];
  },
});

const channelsLast = [...convCases(0), ...specialCases()].filter(({ dataFormat }) => dataFormat === "NHWC");
/** One channel to one column by strides (1, 3), which TensorFlow gets wrong; and the shortcut of a residual network, at which it writes astray. */
const troublesome: ConvCase[] = [
  { input: [2, 7, 5, 1], filter: [3, 3, 1, 11], strides: [1, 3], pad: "valid", dataFormat: "NHWC" },
  { input: [2, 7, 3, 1], filter: [1, 2, 1, 5], strides: [1, 3], pad: "same", dataFormat: "NHWC" },
  { input: [3, 16, 16, 8], filter: [1, 1, 8, 16], strides: [2, 2], pad: "same", dataFormat: "NHWC" },
];
const convolutions = [...channelsLast, ...troublesome].flatMap((conv) => {
  // TensorFlow's depthwise kernels know no unequal strides.
  const square = conv.strides[0] === conv.strides[1];
  return [convolution("Conv2D", conv), ...(square ? [convolution("DepthwiseConv2dNative", conv)] : [])];
});

interface Pooling {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "ceil";
}

// Every window lies on some input: what an empty one holds has no meaning.
const poolings: Pooling[] = [
  { filterSize: [2, 2], strides: [2, 2], pad: "same" },
  { filterSize: [3, 3], strides: [2, 1], pad: "valid" },
  { filterSize: [3, 3], strides: [2, 2], pad: 1 },
  { filterSize: [3, 3], strides: [2, 2], pad: 1, dimRoundingMode: "ceil" },
  { filterSize: [4, 4], strides: [2, 2], pad: 1, dimRoundingMode: "ceil" },
  { filterSize: [2, 3], strides: [2, 2], pad: 1, dimRoundingMode: "floor" },
];
const pooling = (name: "MaxPool" | "AvgPool", attributes: Pooling): Case => ({
  name: `${name} ${JSON.stringify(attributes)}`,
  run: () => [kernel(name, { x: values([2, 7, 8, 3], 1) }, attributes)],
});

const others: Case[] = [
  { name: "gather from the last axis", run: () => [tf.gather(values([3, 4], 1), tf.tensor1d([0, 3, 1], "int32"), -1)] },
  {
    name: "a Hessian-vector product",
    run: () => {
      makeTwiceDifferentiable();
      const parameters = { filter: values([3, 3, 2, 4], 1), point: values([1, 1, 4, 4], 2), dense: values([4, 3], 3) };
      const loss = ({ filter, point, dense }: Readonly<Record<string, tf.Tensor>>): tf.Scalar => {
        const y = tf.maxPool(
          tf.tanh(tf.conv2d(values([4, 8, 8, 2], 7) as tf.Tensor4D, filter as tf.Tensor4D, 1, "same")) as tf.Tensor4D,
          2,
          2,
          "same",
        );
        const z = tf.mean(tf.avgPool(tf.conv2d(y as tf.Tensor4D, point as tf.Tensor4D, 2, "same"), 2, 1, "same"), [1, 2]);
        return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 1, 2, 1], "int32"), 3), tf.matMul(z, dense as tf.Tensor2D));
      };
      const direction = { filter: values([3, 3, 2, 4], 4), point: values([1, 1, 4, 4], 5), dense: values([4, 3], 6) };
      return Object.values(hessianVectorProduct(loss, parameters, direction));
    },
  },
];

const table = [...convolutions, ...poolings.flatMap((each) => [pooling("MaxPool", each), pooling("AvgPool", each)]), ...others];

/** Mean losses of three epochs of a network with a shortcut, by Lethe's own training loop. */
async function losses(): Promise<readonly number[]> {
  const random = createRandom("images");
  const inputs = Float32Array.from({ length: 32 * 8 * 8 * 3 }, () => random.normal());
  const data = arrayDataset({ inputs, inputShape: [8, 8, 3], labels: Array.from({ length: 32 }, (_, i) => i % 4) });
  const { layers } = tf;
  const input = tf.input({ shape: [8, 8, 3] });
  const stem = layers.conv2d({ filters: 6, kernelSize: 3, padding: "same", useBias: false }).apply(input) as tf.SymbolicTensor;
  const features = layers.reLU().apply(layers.batchNormalization().apply(stem)) as tf.SymbolicTensor;
  const wide = layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same" }).apply(features) as tf.SymbolicTensor;
  const short = layers.conv2d({ filters: 8, kernelSize: 1, strides: 2, padding: "same" }).apply(features) as tf.SymbolicTensor;
  const pooled = layers.maxPooling2d({ poolSize: 2 }).apply(layers.add().apply([wide, short]));
  const outputs = layers.dense({ units: 4 }).apply(layers.flatten().apply(pooled)) as tf.SymbolicTensor;
  const model = new Model(tf.model({ inputs: input, outputs })).initialise(createRandom(1));
  const recipe = { seed: 1, epochs: 3, batchSize: 8, optimiser: { kind: "sgd", momentum: 0.9 }, schedule: { kind: "constant", rate: 0.01 } } as const;
  const { weights, losses } = await train({ model, data, recipe, context: createContext() });
  tf.dispose([weights.parameters, weights.buffers] as unknown as tf.TensorContainer);
  model.dispose();
  tf.disposeVariables();
  return losses;
}

describe.skipIf(!existsSync(folder))("tfjs-node, completed", () => {
  let [cpu, tensorflow]: Map<string, Result[]>[] = [];
  let [expected, trained]: (readonly number[])[] = [];
  beforeAll(async () => {
    vi.stubEnv("LETHE_TFJS_NODE", folder);
    await chooseBackend({ name: "cpu" });
    [cpu, expected] = [runAll(table), await losses()];
    const { versions } = await chooseBackend({ name: "tensorflow" });
    expect(versions).toMatchObject({ "@tensorflow/tfjs-node": "4.22.0", libtensorflow: expect.stringMatching(/^2\./) as string });
    [tensorflow, trained] = [runAll(table), await losses()];
  });

  it("agrees with cpu, kernel by kernel", () => {
    const complaints = table.flatMap(({ name }) =>
      (cpu?.get(name) ?? []).flatMap((result, i) => complaint(`${name}, ${i}`, tensorflow?.get(name)?.[i] as Result, result, 2e-5)),
    );
    expect(complaints).toEqual([]);
    expect(cpu?.size).toBe(table.length);
  });

  // The kernel AvgPoolGrad of tfjs's cpu backend forgets that windows at the border are smaller, so that it cannot be the judge.
  it.each(poolings.map((each) => [JSON.stringify(each), each] as const))(
    "takes the transpose of average pooling for its gradient: %s",
    (_, attributes) => {
      tf.tidy(() => {
        const [x, other] = [values([2, 7, 8, 3], 1), values([2, 7, 8, 3], 2)];
        const y = kernel("AvgPool", { x }, attributes);
        const dy = values(y.shape, 3);
        const dx = kernel("AvgPoolGrad", { dy, input: other }, attributes);
        const [left, right] = [tf.sum(tf.mul(y, dy)).dataSync()[0], tf.sum(tf.mul(x, dx)).dataSync()[0]] as [number, number];
        expect(Math.abs(left - right)).toBeLessThan(1e-5 * tf.norm(y).dataSync()[0]! * tf.norm(dy).dataSync()[0]!);
      });
    },
  );

  it("trains as cpu does", () => {
    expect(trained).toHaveLength(3);
    trained?.forEach((loss, epoch) => expect(Math.abs(loss / (expected?.[epoch] as number) - 1)).toBeLessThan(1e-5));
  });
});
