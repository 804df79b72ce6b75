import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createContext } from "../../context/index.ts";
import { arrayDataset, subset, type Dataset } from "../../data/index.ts";
import { Model } from "../../model/index.ts";
import { createRandom } from "../../random/index.ts";
import { symmetricEigenvalues } from "../../linalg/index.ts";
import { createHeap } from "./heap.ts";
import { inputMoments, type InputMoment } from "./input-moments.ts";
import { naiveInputMoments } from "./naive-input-moments.ts";

const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const table: { name: string; build: () => tf.layers.Layer[]; shape: number[]; tokens?: number; maps: number; uncovered?: number }[] = [];

const image = (height: number, width: number, channels: number) => [height, width, channels];

/** Kernel, padding, stride, dilation and image of one convolution. */
const convolutions = [
  { kernel: [3, 3], padding: "same", strides: [1, 1], shape: image(6, 5, 3) },
  { kernel: [3, 3], padding: "valid", strides: [1, 1], shape: image(6, 5, 9) },
  { kernel: [3, 3], padding: "same", strides: [2, 2], shape: image(7, 6, 4) },
  { kernel: [3, 3], padding: "same", strides: [2, 2], shape: image(8, 8, 17) },
  { kernel: [3, 3], padding: "valid", strides: [2, 1], shape: image(7, 8, 5) },
  { kernel: [1, 1], padding: "same", strides: [2, 2], shape: image(5, 6, 11) },
  { kernel: [2, 4], padding: "same", strides: [1, 1], shape: image(5, 7, 2) },
  { kernel: [4, 2], padding: "valid", strides: [3, 2], shape: image(9, 7, 2) },
  { kernel: [5, 5], padding: "same", strides: [1, 1], shape: image(4, 3, 2) },
  { kernel: [7, 7], padding: "same", strides: [2, 2], shape: image(9, 8, 1) },
  { kernel: [3, 3], padding: "same", strides: [1, 1], shape: image(1, 1, 6) },
  { kernel: [3, 3], padding: "same", strides: [2, 2], shape: image(1, 3, 6) },
  { kernel: [2, 2], padding: "same", strides: [3, 3], shape: image(8, 7, 3) },
  { kernel: [3, 2], padding: "same", strides: [1, 1], dilation: [2, 3], shape: image(7, 8, 3) },
  { kernel: [3, 3], padding: "valid", strides: [1, 1], dilation: [2, 1], shape: image(8, 6, 8) },
  { kernel: [1, 3], padding: "same", strides: [1, 1], shape: image(3, 90, 2) },
] as const;

for (const { kernel, padding, strides, shape, ...rest } of convolutions) {
  const dilation = "dilation" in rest ? rest.dilation : ([1, 1] as const);
  const options = {
    kernelSize: [...kernel] as [number, number],
    padding,
    strides: [...strides] as [number, number],
    dilationRate: [...dilation] as [number, number],
    inputShape: shape,
  };
  const name = `${kernel} ${padding} stride ${strides} dilation ${dilation} on ${shape}`;
  table.push({ name: `conv2d ${name}`, shape, maps: 2, build: () => [layers.conv2d({ ...options, filters: 2 }), layers.flatten()] });
  if (strides[0] !== strides[1]) continue;
  const separable = () => [layers.separableConv2d({ ...options, filters: 2, depthMultiplier: 2 }), layers.flatten()];
  table.push({ name: `separable ${name}`, shape, maps: 3, build: separable });
  if (dilation.some((rate) => rate > 1)) continue;
  const depthwise = () => [layers.depthwiseConv2d({ ...options, depthMultiplier: 2 }), layers.flatten()];
  table.push({ name: `depthwise ${name}`, shape, maps: 2, build: depthwise });
}

const border = {
  padding: [
    [1, 2],
    [0, 1],
  ] as [[number, number], [number, number]],
  inputShape: [5, 6, 3],
};

table.push(
  { name: "dense", shape: [13], maps: 2, build: () => [layers.dense({ units: 9, inputShape: [13], activation: "tanh" })] },
  {
    name: "dense over tokens",
    shape: [5, 10],
    maps: 2,
    build: () => [layers.dense({ units: 3, inputShape: [5, 10], useBias: false }), layers.flatten()],
  },
  {
    name: "a nested model with a frozen layer",
    shape: [4],
    maps: 2,
    build: () => [
      tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [4], trainable: false }), layers.dense({ units: 5, activation: "relu" })] }),
    ],
  },
  {
    name: "a convolution of stride 2 inside a border, after a depthwise one",
    shape: [5, 6, 3],
    maps: 3,
    build: () => [
      layers.zeroPadding2d(border),
      layers.depthwiseConv2d({ kernelSize: 2 }),
      layers.zeroPadding2d({ padding: 1 }),
      layers.conv2d({ filters: 2, kernelSize: 3, strides: 2, padding: "same" }),
      layers.flatten(),
    ],
  },
  {
    name: "a dense layer on a border, and a convolution that no border is next to",
    shape: [5, 6, 3],
    maps: 3,
    build: () => [
      layers.zeroPadding2d(border),
      layers.dense({ units: 2, activation: "sigmoid" }),
      layers.conv2d({ filters: 2, kernelSize: 3 }),
      layers.flatten(),
    ],
  },
  {
    name: "a recurrent layer over an embedding",
    shape: [5],
    tokens: 7,
    maps: 1,
    uncovered: 2,
    build: () => [layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 5 }), layers.simpleRNN({ units: 3 })],
  },
);

const size = 7;

function randomData(shape: number[], tokens?: number): Dataset {
  const random = createRandom("data");
  const count = size * shape.reduce((a, b) => a * b, 1);
  const inputs = tokens
    ? Int32Array.from({ length: count }, () => random.integer(tokens))
    : Float32Array.from({ length: count }, () => random.normal() + 0.5);
  return arrayDataset({ inputs, inputShape: shape, labels: Array.from({ length: size }, (_, i) => i % 3), classCount: 3 });
}

const options = (batchSize: number, stride: "unit" | "layer" = "unit") => ({ batchSize, stride, phase: "test", context: createContext() });

/** max |a - b| / max |b| */
function distance(actual: InputMoment, expected: Pick<InputMoment, "values">): number {
  let [difference, scale] = [0, 0];
  expected.values.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(actual.values[i] - value));
    scale = Math.max(scale, Math.abs(value));
  });
  return scale === 0 ? difference : difference / scale;
}

describe.each(table)("second moments of the inputs of $name", ({ build, shape, tokens, maps, uncovered = 0 }) => {
  const setUp = (): { model: Model; data: Dataset } => ({
    model: new Model(tf.sequential({ layers: [...build(), layers.dense({ units: 3, activation: "softmax" })] })).initialise(createRandom(3)),
    data: randomData([...shape], tokens),
  });

  it.each(["unit", "layer"] as const)("agree with windows written out (stride %s)", async (stride) => {
    const { model, data } = setUp();
    const expected = await naiveInputMoments(model, data, options(7, stride));
    for (const engine of ["simd", "plain"] as const) {
      for (const batchSize of [7, 3]) {
        const actual = await inputMoments(model, data, { ...options(batchSize, stride), engine });
        expect(actual.uncovered).toEqual(expected.uncovered);
        expect(actual.uncovered).toHaveLength(uncovered);
        expect(actual.moments).toHaveLength(maps);
        actual.moments.forEach((moment, at) => {
          const { values: _, ...facts } = moment;
          expect(facts).toEqual({ ...expected.moments[at], values: undefined });
          expect(moment.values).toHaveLength(expected.moments[at].values.length);
          expect(distance(moment, expected.moments[at]), moment.kernel).toBeLessThan(engine === "simd" ? 3e-7 : 1e-14);
        });
      }
    }
    expect(expected.moments.every(({ values }) => values.some((value) => value > 0))).toBe(true);
  });
});

describe("the pass", () => {
  const convolution = (): tf.layers.Layer => layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", inputShape: [6, 5, 3] });
  const network = (...first: tf.layers.Layer[]): Model =>
    new Model(tf.sequential({ layers: [...first, layers.flatten(), layers.dense({ units: 3 })] })).initialise(createRandom(1));
  const data = randomData([6, 5, 3]);

  it("counts a border as part of the image", async () => {
    const bordered = network(
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 1],
        ],
        inputShape: [6, 5, 3],
      }),
      layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
    );
    const { inputs } = await data.read([...data.labels.keys()]);
    const padded = tf.tidy(() =>
      tf
        .pad(tf.tensor(inputs.values as Float32Array, [...inputs.shape]), [
          [0, 0],
          [1, 0],
          [2, 1],
          [0, 0],
        ])
        .dataSync(),
    );
    const images = arrayDataset({ inputs: padded as Float32Array, inputShape: [7, 8, 3], labels: data.labels, classCount: 3 });
    const plain = network(layers.conv2d({ filters: 2, kernelSize: 3, strides: 2, inputShape: [7, 8, 3] }));
    for (const stride of ["unit", "layer"] as const) {
      const [inside] = (await inputMoments(bordered, data, options(7, stride))).moments;
      const [given] = (await naiveInputMoments(plain, images, options(7, stride))).moments;
      expect(inside.count).toBe(given.count);
      expect(distance(inside, given)).toBeLessThan(3e-7);
    }
  });

  it("sums over the calls of a layer that is used twice, on images of two sizes", async () => {
    const input = tf.input({ shape: [6, 5, 3] });
    const shared = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" });
    const once = shared.apply(input) as tf.SymbolicTensor;
    const twice = shared.apply(shared.apply(layers.averagePooling2d({ poolSize: 2 }).apply(once))) as tf.SymbolicTensor;
    const outputs = layers.dense({ units: 3 }).apply(layers.flatten().apply(twice)) as tf.SymbolicTensor;
    const model = new Model(tf.model({ inputs: input, outputs }));
    const { moments, uncovered } = await inputMoments(model, data, options(3));
    const expected = await naiveInputMoments(model, data, options(7));
    expect(uncovered).toEqual([]);
    expect(moments.map(({ count }) => count)).toEqual([size * (30 + 6 + 6), size]);
    moments.forEach((moment, at) => expect(distance(moment, expected.moments[at])).toBeLessThan(3e-7));
  });

  it("gives of a whole what it gives of its parts together", async () => {
    const model = network(convolution());
    const of = async (positions: number[]) => (await inputMoments(model, subset(data, positions), options(2))).moments;
    const [whole, part, rest] = await Promise.all([of([0, 1, 2, 3, 4, 5, 6]), of([1, 4]), of([0, 2, 3, 5, 6])]);
    whole.forEach(({ values, count }, at) => {
      const difference = { ...whole[at], values: values.map((value, i) => value - part[at].values[i]) };
      expect(count - part[at].count).toBe(rest[at].count);
      expect(distance(difference, rest[at])).toBeLessThan(at === 0 ? 3e-7 : 1e-14);
    });
  });

  it("is exactly symmetric, of vectors no more than the rank that they have, and the same in every run", async () => {
    const model = network(convolution());
    const [first, second] = [await inputMoments(model, data, options(3)), await inputMoments(model, data, options(3))];
    expect(first).toEqual(second);
    for (const { values, dimension } of first.moments) {
      for (let i = 0; i < dimension; i++) for (let j = 0; j < i; j++) expect(values[i * dimension + j]).toBe(values[j * dimension + i]);
    }
    const [, dense] = first.moments;
    const spectrum = symmetricEigenvalues({ shape: [dense.dimension, dense.dimension], values: dense.values }).toSorted((a, b) => b - a);
    // Seven vectors of ninety numbers.
    expect(spectrum[6] / spectrum[0]).toBeGreaterThan(1e-3);
    expect(Math.abs(spectrum[7]) / spectrum[0]).toBeLessThan(1e-14);
  });

  it("is of no vectors for no samples", async () => {
    const { moments } = await inputMoments(network(convolution()), subset(data, []), options(3));
    expect(moments.map(({ dimension, count }) => [dimension, count])).toEqual([
      [27, 0],
      [90, 0],
    ]);
    expect(moments.every(({ values }) => values.every((value) => value === 0))).toBe(true);
  });

  it("takes images that fill the memory for copies one by one", async () => {
    const shape = [128, 130, 9];
    const images = subset(randomData(shape), [0, 1, 2]);
    const model = network(layers.conv2d({ filters: 1, kernelSize: [2, 1], strides: 5, inputShape: shape }));
    // Of the dense layer's 26 x 26 inputs too, but the first is what this is about.
    const [[actual], [expected]] = [
      (await inputMoments(model, images, options(3))).moments,
      (await naiveInputMoments(model, images, options(3))).moments,
    ];
    expect(distance(actual, expected)).toBeLessThan(3e-7);
  });

  it("keeps no tensor, counts a forward pass, and reports", async () => {
    const model = network(layers.zeroPadding2d({ padding: 1, inputShape: [6, 5, 3] }), layers.separableConv2d({ filters: 2, kernelSize: 3 }));
    const seen: number[] = [];
    const context = createContext({ onProgress: ({ completed }) => seen.push(completed) });
    const before = tf.memory().numTensors;
    await inputMoments(model, data, { ...options(3), context });
    expect(tf.memory().numTensors).toBe(before);
    expect(context.meter.read()).toMatchObject({ samplesForward: size, samplesBackward: 0 });
    expect(seen).toEqual([3, 6, 7]);
  });

  it("stops when the signal fires, in the middle of a batch too, and leaves no tensor", async () => {
    const abort = new AbortController();
    const context = createContext({ signal: abort.signal });
    let pauses = 0;
    const stopping = { ...context, pause: () => (++pauses === 3 && abort.abort(), context.pause()) };
    const model = network(convolution());
    const before = tf.memory().numTensors;
    await expect(inputMoments(model, data, { ...options(3), context: stopping })).rejects.toMatchObject({ code: "run/aborted" });
    expect(pauses).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(["simd", "plain"] as const)("names the layer whose inputs are beyond float32 (%s)", async (engine) => {
    const model = network(convolution());
    (model.parameters[Object.keys(model.parameters)[0]] as tf.Variable).assign(tf.fill([3, 3, 3, 3], 3e38));
    const run = inputMoments(model, data, { ...options(3), engine });
    await expect(run).rejects.toMatchObject({ code: "pass/non-finite", details: { layer: model.layers.at(-1)?.name } });
  });

  it("says how much memory it would need", () => {
    expect(() => createHeap(2 ** 33)).toThrow(expect.objectContaining({ code: "pass/out-of-memory", details: { megabytes: 8590 } }));
  });
});
