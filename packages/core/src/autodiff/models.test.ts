import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, test } from "vitest";
import { computeInFloat64 } from "./fixtures/float64.ts";
import { expectRightProduct, type Net } from "./fixtures/network-products.ts";

const { layers } = tf;

const activations = [
  ["elu", "selu", "relu", "relu6", "linear", "sigmoid", "hardSigmoid", "softplus", "softsign", "tanh", "softmax", "logSoftmax", "swish"],
  ["mish", "gelu_new", "gelu"],
].flat();

const dense = (inputShape: number[], units: number): tf.layers.Layer => layers.dense({ units, inputShape });

const mlps = Object.fromEntries(
  activations.map((activation): [string, Net] => [
    `MLP ${activation}`,
    {
      shape: [5],
      build: (inputShape) => [
        dense(inputShape, 6),
        layers.dense({ units: 5, activation: activation as "relu" }),
        layers.activation({ activation: activation as "relu" }),
      ],
      forwardError: activation === "gelu" ? 1e-5 : undefined,
    },
  ]),
);

const afterDense = (name: string, ...between: (() => tf.layers.Layer)[]): [string, Net] => [
  name,
  { shape: [5], build: (inputShape) => [dense(inputShape, 6), ...between.map((make) => make())] },
];

const stack = (name: string, shape: number[], ...rest: ((inputShape: number[]) => tf.layers.Layer)[]): [string, Net] => [
  name,
  { shape, build: (inputShape) => rest.map((make) => make(inputShape)) },
];

const convolution = (name: string, shape: number[], ...rest: ((inputShape: number[]) => tf.layers.Layer)[]): [string, Net] =>
  stack(name, shape, ...rest, () => layers.flatten());

const image = [7, 6, 2];
const conv = (strides: number, activation: "relu" | "tanh" | "linear") => (inputShape?: number[]) =>
  layers.conv2d({ filters: 3, kernelSize: 3, strides, padding: "same", activation, inputShape });
const norm = () => layers.batchNormalization({ betaInitializer: "randomNormal", gammaInitializer: "randomUniform" });
const sequence = [5, 3];

const nets: Readonly<Record<string, Net>> = {
  ...mlps,
  ...Object.fromEntries([
    afterDense("leaky relu", () => layers.leakyReLU({ alpha: 0.2 })),
    afterDense("parametric relu", () => layers.prelu({ alphaInitializer: "randomNormal" })),
    afterDense("thresholded relu", () => layers.thresholdedReLU({ theta: 0.1 })),
    afterDense(
      "layer norm",
      () => layers.layerNormalization({}),
      () => layers.activation({ activation: "tanh" }),
    ),
    afterDense("batch norm", norm, () => layers.activation({ activation: "tanh" })),
    convolution(
      "convolutions, max pool",
      image,
      conv(1, "relu"),
      () => layers.maxPooling2d({ poolSize: 2 }),
      () => conv(2, "tanh")(),
    ),
    convolution("convolutions, average pool", image, conv(2, "tanh"), () => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })),
    convolution("dilated convolution", [9, 2], (inputShape) =>
      layers.conv1d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: "sigmoid", inputShape }),
    ),
    convolution("depthwise convolution", image, (inputShape) =>
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, activation: "tanh", inputShape }),
    ),
    convolution("separable convolution", image, (inputShape) => layers.separableConv2d({ filters: 4, kernelSize: 3, activation: "elu", inputShape })),
    convolution(
      "transposed convolution, upsampling, cropping",
      [3, 3, 2],
      (inputShape) => layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: "same", activation: "tanh", inputShape }),
      () => layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" } as never),
      () =>
        layers.cropping2D({
          cropping: [
            [1, 0],
            [2, 1],
          ],
        }),
      () => layers.zeroPadding2d({ padding: 1 }),
    ),
    stack(
      "one axis",
      [9, 2],
      (inputShape) => layers.conv1d({ filters: 3, kernelSize: 3, activation: "tanh", inputShape }),
      () => layers.averagePooling1d({ poolSize: 2 }),
      () => layers.globalMaxPooling1d({}),
    ),
    convolution(
      "layer norm over images",
      [3, 3, 2],
      conv(1, "linear"),
      () => layers.layerNormalization({}),
      () => layers.activation({ activation: "softplus" }),
    ),
    stack("simple RNN", sequence, (inputShape) => layers.simpleRNN({ units: 3, inputShape })),
    convolution("LSTM", sequence, (inputShape) => layers.lstm({ units: 3, inputShape, returnSequences: true })),
    stack("GRU", sequence, (inputShape) => layers.gru({ units: 3, inputShape })),
    stack("bidirectional LSTM", sequence, (inputShape) =>
      layers.bidirectional({ layer: layers.lstm({ units: 2 }) as tf.RNN, mergeMode: "concat", inputShape }),
    ),
  ]),
  "batch norm in training": {
    shape: image,
    mode: "training",
    build: (inputShape) => [conv(1, "linear")(inputShape), norm(), layers.activation({ activation: "tanh" }), layers.globalAveragePooling2d({})],
  },
  "embedding and LSTM": {
    shape: [5],
    tokens: 7,
    build: (inputShape) => [layers.embedding({ inputDim: 7, outputDim: 3, inputLength: inputShape[0] }), layers.lstm({ units: 3 })],
  },
};

beforeAll(async () => {
  computeInFloat64();
  await tf.setBackend("cpu");
});

describe("Hessian-vector products of layers models, in float64", () => {
  test.each(Object.entries(nets))("%s", (_, net) => expectRightProduct(net));
});
