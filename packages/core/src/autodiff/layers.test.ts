import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { computeInFloat64 } from "./fixtures/float64.ts";
import { expectRefusedProduct, expectRightProduct, type Net } from "./fixtures/network-products.ts";

const { layers } = tf;

type Layer = tf.layers.Layer;

const dense = (inputShape?: number[], units = 6): Layer => layers.dense({ units, activation: "tanh", inputShape });
const conv = (inputShape: number[]): Layer => layers.conv2d({ filters: 2, kernelSize: 2, activation: "tanh", inputShape });
const flatten = (): Layer => layers.flatten();
const spread = (): Layer => layers.repeatVector({ n: 2 });

const onVectors = (...rest: (() => Layer)[]): Net => ({ shape: [5], build: (inputShape) => [dense(inputShape), ...rest.map((make) => make())] });
const onSequences = (...rest: ((inputShape: number[]) => Layer)[]): Net => ({ shape: [4, 3], build: (shape) => rest.map((make) => make(shape)) });
const onImages = (...rest: (() => Layer)[]): Net => ({
  shape: [5, 5, 2],
  build: (inputShape) => [conv(inputShape), ...rest.map((make) => make()), flatten()],
});
const onVolumes = (...rest: (() => Layer)[]): Net => ({ shape: [18], build: () => [...rest.map((make) => make()), flatten()] });

/** Two dense layers side by side, brought together. */
const together = (merge: () => Layer): Net => ({
  shape: [5],
  build: (inputShape) => {
    const input = tf.input({ shape: inputShape });
    const branches = [dense(), dense()].map((branch) => branch.apply(input) as tf.SymbolicTensor);
    return [tf.model({ inputs: input, outputs: merge().apply(branches) as tf.SymbolicTensor })];
  },
});

/** Every layer that tfjs can make, in a network of its own. */
const right: Readonly<Record<string, Net>> = {
  inputLayer: { shape: [5], build: (inputShape) => [layers.inputLayer({ inputShape }), dense()] },
  dense: onVectors(),
  activation: onVectors(() => layers.activation({ activation: "softplus" })),
  elu: onVectors(() => layers.elu({})),
  reLU: onVectors(() => layers.reLU({ maxValue: 0.5 })),
  leakyReLU: onVectors(() => layers.leakyReLU({ alpha: 0.2 })),
  prelu: onVectors(() => layers.prelu({})),
  softmax: onVectors(() => layers.softmax({})),
  thresholdedReLU: onVectors(() => layers.thresholdedReLU({ theta: 0.1 })),
  dropout: onVectors(() => layers.dropout({ rate: 0.5 })),
  gaussianNoise: onVectors(() => layers.gaussianNoise({ stddev: 1 })),
  gaussianDropout: onVectors(() => layers.gaussianDropout({ rate: 0.5 })),
  alphaDropout: onVectors(() => layers.alphaDropout({ rate: 0.5 })),
  batchNormalization: onVectors(() => layers.batchNormalization({})),
  layerNormalization: onVectors(
    () => layers.layerNormalization({}),
    () => dense(),
  ),
  rescaling: onVectors(() => layers.rescaling({ scale: 2, offset: 1 }) as Layer),
  flatten: onVectors(() => layers.reshape({ targetShape: [2, 3] }), flatten),
  reshape: onVectors(() => layers.reshape({ targetShape: [3, 2] }), flatten),
  permute: onVectors(
    () => layers.reshape({ targetShape: [3, 2] }),
    () => layers.permute({ dims: [2, 1] }),
    flatten,
  ),
  repeatVector: onVectors(() => layers.repeatVector({ n: 3 }), flatten),
  add: together(() => layers.add()),
  average: together(() => layers.average()),
  concatenate: together(() => layers.concatenate()),
  maximum: together(() => layers.maximum()),
  minimum: together(() => layers.minimum()),
  multiply: together(() => layers.multiply()),
  dot: together(() => layers.dot({ axes: 1, normalize: true })),
  embedding: {
    shape: [5],
    tokens: 7,
    build: () => [layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 5 }), flatten(), dense()],
  },
  masking: onSequences(
    (inputShape) => layers.masking({ inputShape }),
    () => layers.lstm({ units: 2 }),
  ),
  simpleRNN: onSequences((inputShape) => layers.simpleRNN({ units: 3, inputShape })),
  gru: onSequences((inputShape) => layers.gru({ units: 3, inputShape })),
  lstm: onSequences((inputShape) => layers.lstm({ units: 3, inputShape })),
  "rnn, stackedRNNCells": onSequences((inputShape) =>
    layers.rnn({
      cell: layers.stackedRNNCells({ cells: [layers.lstmCell({ units: 2 }), layers.gruCell({ units: 2 }), layers.simpleRNNCell({ units: 3 })] }),
      inputShape,
    }),
  ),
  bidirectional: onSequences((inputShape) => layers.bidirectional({ layer: layers.gru({ units: 2 }) as tf.RNN, mergeMode: "mul", inputShape })),
  timeDistributed: onSequences((inputShape) => layers.timeDistributed({ layer: dense(), inputShape }), flatten),
  spatialDropout1d: onSequences(
    (inputShape) => layers.conv1d({ filters: 2, kernelSize: 2, inputShape }),
    () => layers.spatialDropout1d({ rate: 0.5 }),
    flatten,
  ),
  conv1d: onSequences((inputShape) => layers.conv1d({ filters: 3, kernelSize: 2, activation: "tanh", inputShape }), flatten),
  averagePooling1d: onSequences(
    (inputShape) => layers.conv1d({ filters: 3, kernelSize: 1, activation: "elu", inputShape }),
    () => layers.averagePooling1d({ poolSize: 2 }),
    flatten,
  ),
  maxPooling1d: onSequences(
    (inputShape) => layers.conv1d({ filters: 3, kernelSize: 1, activation: "elu", inputShape }),
    () => layers.maxPooling1d({ poolSize: 2 }),
    flatten,
  ),
  globalAveragePooling1d: onSequences(
    (inputShape) => layers.conv1d({ filters: 3, kernelSize: 2, activation: "elu", inputShape }),
    () => layers.globalAveragePooling1d({}),
  ),
  globalMaxPooling1d: onSequences(
    (inputShape) => layers.conv1d({ filters: 3, kernelSize: 2, activation: "elu", inputShape }),
    () => layers.globalMaxPooling1d({}),
  ),
  conv2d: onImages(),
  conv2dTranspose: onImages(() => layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, activation: "tanh" })),
  separableConv2d: onImages(() => layers.separableConv2d({ filters: 2, kernelSize: 2, activation: "tanh" })),
  depthwiseConv2d: onImages(() => layers.depthwiseConv2d({ kernelSize: 2, activation: "tanh" })),
  averagePooling2d: onImages(() => layers.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" })),
  maxPooling2d: onImages(() => layers.maxPooling2d({ poolSize: 2, strides: 1, padding: "same" })),
  globalAveragePooling2d: onImages(() => layers.globalAveragePooling2d({}), spread),
  globalMaxPooling2d: onImages(() => layers.globalMaxPooling2d({}), spread),
  cropping2D: onImages(() =>
    layers.cropping2D({
      cropping: [
        [1, 0],
        [0, 2],
      ],
    }),
  ),
  zeroPadding2d: onImages(() => layers.zeroPadding2d({ padding: 1 })),
  upSampling2d: onImages(() => layers.upSampling2d({ size: [2, 3] })),
  "convLstm2d, convLstm2dCell": {
    shape: [2, 4, 4, 1],
    build: (inputShape) => [layers.convLstm2d({ filters: 2, kernelSize: 2, inputShape }), flatten()],
  },
};

const volume = (): Layer => layers.dense({ units: 18, inputShape: [18] });
const shaped = (): Layer => layers.reshape({ targetShape: [2, 3, 3, 1] });

/** With the kernel that is refused. */
const refused: Readonly<Record<string, readonly [Net, string]>> = {
  conv3d: [onVolumes(volume, shaped, () => layers.conv3d({ filters: 2, kernelSize: 2 })), tf.Conv3D],
  averagePooling3d: [onVolumes(volume, shaped, () => layers.averagePooling3d({ poolSize: 2, strides: 1 })), tf.AvgPool3D],
  maxPooling3d: [onVolumes(volume, shaped, () => layers.maxPooling3d({ poolSize: 2, strides: 1 })), tf.MaxPool3D],
};

/** Which tfjs cannot differentiate even once (kernels CropAndResize and Conv3DBackpropInputV2), or not run in a network (resizing), or which give no floats. */
const withoutGradient = ["centerCrop", "conv3dTranspose", "resizing", "categoryEncoding", "randomWidth"];

/** Other names of layers above, and of no layer. */
const aliases = ["input", ...[1, 2, 3].flatMap((axes) => [`avgPool${axes}d`, `avgPooling${axes}d`, `maxPool${axes}d`, `globalMaxPool${axes}d`])];

beforeAll(async () => {
  computeInFloat64();
  await tf.setBackend("cpu");
});

describe("of each layer of tfjs, the Hessian-vector product", () => {
  test.each(Object.entries(right))("is right: %s", (_, net) => expectRightProduct(net));

  test.each(Object.entries(refused))("is refused by the kernel's name: %s", (_, [net, kernel]) => expectRefusedProduct(net, kernel));

  test("is shown", () => {
    const shown = [...Object.keys(right).flatMap((name) => name.split(", ")), ...Object.keys(refused), ...withoutGradient, ...aliases];
    const cells = ["gruCell", "lstmCell", "simpleRNNCell"];
    const factories = Object.entries(layers).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name));
    expect(factories.map(([name]) => name).filter((name) => ![...shown, ...cells].includes(name))).toEqual([]);
  });
});
