import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom, type Model } from "@lethe/core";
import { drawInputs, drawModel, type NarrowBuilder } from "./fixtures/narrow.ts";
import * as reference from "./fixtures/reference.ts";
import type { Image, Matrix, NestedWeights, Vector } from "./fixtures/reference.ts";
import { modelBuilders } from "./registry.ts";
import { resNet, type ResNetOptions } from "./res-net.ts";
import { textMean } from "./text-mean.ts";
import { textTransformer } from "./text-transformer.ts";
import { vit } from "./vit.ts";
import { wideResNet } from "./wide-res-net.ts";

beforeAll(async () => {
  // tfjs's cpu backend then computes in float64.
  globalThis.Float32Array = Float64Array as unknown as Float32ArrayConstructor;
  tf.env().platform.isTypedArray = (array): array is Float32Array => ArrayBuffer.isView(array);
  await tf.setBackend("cpu");
});

const classes = 3;

interface Case {
  readonly inputShape: readonly number[];
  readonly takes: NarrowBuilder["takes"];
  readonly build: NarrowBuilder["build"];
}

/** A drawn network's logits, its weights and two samples' inputs, all as nested arrays. */
async function run(example: Case): Promise<{ logits: Matrix; weights: NestedWeights; inputs: readonly unknown[] }> {
  const builder: NarrowBuilder = { ...modelBuilders[0], ...example };
  const random = createRandom(2);
  const model: Model = drawModel(builder, random, classes);
  const inputs = await drawInputs(builder, random, 2);
  const weights = Object.fromEntries(Object.entries({ ...model.parameters, ...model.buffers }).map(([name, tensor]) => [name, tensor.arraySync()]));
  return { logits: (await model.logits(model.parameters, inputs).array()) as Matrix, weights, inputs: (await inputs.array()) as unknown[] };
}

function expectClose(actual: Matrix, expected: Matrix, error: number): void {
  const scale = Math.max(...expected.flat().map(Math.abs));
  expect(scale).toBeGreaterThan(0.01);
  expect(new Set(expected.map(String)).size).toBe(expected.length);
  actual.flat().forEach((value, i) => expect(Math.abs(value - expected.flat()[i]) / scale).toBeLessThan(error));
}

describe("residual networks agree with plain loops that pad as PyTorch does", () => {
  const exact = 1e-12;

  function block(weights: NestedWeights, prefix: string, input: Image, stride: number): Image {
    const convolved = (suffix: string, x: Image, strides: number, padding: number): Image =>
      reference.batchNorm(weights, `${prefix}norm${suffix}`, reference.convolution(weights, `${prefix}conv${suffix}`, x, strides, padding));
    const basic = () => convolved("2", reference.relu(convolved("1", input, stride, 1)), 1, 1);
    const bottleneck = () => convolved("3", reference.relu(convolved("2", reference.relu(convolved("1", input, 1, 0)), stride, 1)), 1, 0);
    const inner = `${prefix}conv3/kernel` in weights ? bottleneck() : basic();
    const projected = `${prefix}shortcut/conv/kernel` in weights;
    const shortcut = projected
      ? reference.batchNorm(weights, `${prefix}shortcut/norm`, reference.convolution(weights, `${prefix}shortcut/conv`, input, stride, 0))
      : input;
    return reference.relu(reference.plusImage(inner, shortcut));
  }

  function forward(weights: NestedWeights, input: Image, { depth = 18, stem = "small" }: Partial<ResNetOptions>): Vector {
    const [stride, padding] = stem === "large" ? [2, 3] : [1, 1];
    let features = reference.relu(reference.batchNorm(weights, "stem/norm", reference.convolution(weights, "stem/conv", input, stride, padding)));
    if (stem === "large") features = reference.maxPool(features);
    const blocks = depth === 18 ? [2, 2, 2, 2] : [3, 4, 6, 3];
    blocks.forEach((count, stage) => {
      for (let at = 1; at <= count; at++) features = block(weights, `stage${stage + 1}/block${at}/`, features, stage > 0 && at === 1 ? 2 : 1);
    });
    return reference.dense(weights, "classifier", reference.globalAverage(features));
  }

  it.each([
    { depth: 18, stem: "small", side: 10 },
    { depth: 18, stem: "large", side: 38 },
    { depth: 50, stem: "small", side: 9 },
    { depth: 34, stem: "large", side: 21 },
  ] as const)("ResNet-$depth with the $stem stem", async ({ depth, stem, side }) => {
    const shape = { depth, stem, width: 2 } as const;
    const { logits, weights, inputs } = await run({
      inputShape: [side, side + 1, 2],
      takes: "images",
      build: (options) => resNet({ ...options, ...shape }),
    });
    expectClose(
      logits,
      inputs.map((input) => forward(weights, input as Image, shape)),
      exact,
    );
  });

  it("WRN-16-2", async () => {
    const { logits, weights, inputs } = await run({
      inputShape: [8, 9, 2],
      takes: "images",
      build: (options) => wideResNet({ ...options, depth: 16, widening: 2, width: 2 }),
    });
    const forwardWide = (input: Image): Vector => {
      let x = reference.convolution(weights, "stem/conv", input, 1, 1);
      for (const stage of [1, 2, 3]) {
        for (const at of [1, 2]) {
          const prefix = `stage${stage}/block${at}/`;
          const stride = stage > 1 && at === 1 ? 2 : 1;
          const activated = reference.relu(reference.batchNorm(weights, `${prefix}norm1`, x));
          const first = reference.convolution(weights, `${prefix}conv1`, activated, stride, 1);
          const second = reference.convolution(
            weights,
            `${prefix}conv2`,
            reference.relu(reference.batchNorm(weights, `${prefix}norm2`, first)),
            1,
            1,
          );
          x = reference.plusImage(second, at === 1 ? reference.convolution(weights, `${prefix}shortcut/conv`, activated, stride, 0) : x);
        }
      }
      return reference.dense(weights, "classifier", reference.globalAverage(reference.relu(reference.batchNorm(weights, "norm", x))));
    };
    expectClose(
      logits,
      inputs.map((input) => forwardWide(input as Image)),
      exact,
    );
  });
});

describe("transformers agree with plain loops", () => {
  // tfjs approximates erf, and so gelu, to 1.5e-7 (Abramowitz and Stegun 7.1.26).
  const erfError = 1e-6;

  const encode = (weights: NestedWeights, tokens: Matrix, depth: number, heads: number): Matrix => {
    const positions = reference.matrixOf(weights, "positions/embeddings");
    let encoded: Matrix = tokens.map((token, at) => reference.plus(token, positions[at]));
    for (let block = 1; block <= depth; block++) encoded = reference.preNormBlock(weights, `block${block}`, heads, encoded);
    return encoded.map((token) => reference.layerNorm(weights, "norm", token));
  };

  it("vit", async () => {
    const { logits, weights, inputs } = await run({
      inputShape: [4, 6, 3],
      takes: "images",
      build: (options) => vit({ ...options, patch: 2, width: 6, depth: 2, heads: 3 }),
    });
    const forward = (input: Image): Vector => {
      const kernel = weights["patches/kernel"] as readonly (readonly Matrix[])[];
      const bias = reference.vectorOf(weights, "patches/bias");
      const patchAt = (row: number, column: number): Vector =>
        bias.map((start, out) => {
          let total = start;
          for (const y of [0, 1]) {
            for (const x of [0, 1]) input[2 * row + y][2 * column + x].forEach((value, i) => (total += value * kernel[y][x][i][out]));
          }
          return total;
        });
      const patches = [0, 1].flatMap((row) => [0, 1, 2].map((column) => patchAt(row, column)));
      const [classToken] = reference.matrixOf(weights, "class/embeddings");
      return reference.dense(weights, "classifier", encode(weights, [classToken, ...patches], 2, 3)[0]);
    };
    expectClose(
      logits,
      inputs.map((input) => forward(input as Image)),
      erfError,
    );
  });

  const vocabulary = 9;
  const wordsOf = (weights: NestedWeights, ids: readonly number[]): Matrix =>
    ids.map((id) => reference.matrixOf(weights, "embedding/embeddings")[id]);

  // The references read the tokens alone, as if there were no padding: that is what a mask has to amount to, wherever the padding stands.
  it("text-transformer", async () => {
    const { logits, weights, inputs } = await run({
      inputShape: [40],
      takes: "tokens",
      build: (options) => textTransformer({ ...options, vocabulary, width: 6, depth: 2, heads: 2 }),
    });
    const forward = (ids: readonly number[]): Vector => {
      const at = [...ids.keys()].filter((place) => ids[place] !== 0);
      expect(at.length).toBeLessThan(ids.length);
      const positions = reference.matrixOf(weights, "positions/embeddings");
      const placed = { ...weights, "positions/embeddings": at.map((place) => positions[place]) };
      const encoded = encode(
        placed,
        wordsOf(
          weights,
          at.map((place) => ids[place]),
        ),
        2,
        2,
      );
      return reference.dense(weights, "classifier", reference.average(encoded));
    };
    expectClose(
      logits,
      inputs.map((ids) => forward(ids as number[])),
      erfError,
    );
  });

  it("text-mean", async () => {
    const { logits, weights, inputs } = await run({
      inputShape: [40],
      takes: "tokens",
      build: (options) => textMean({ ...options, vocabulary, width: 5 }),
    });
    const forward = (ids: readonly number[]): Vector =>
      reference.dense(
        weights,
        "classifier",
        reference.average(
          wordsOf(
            weights,
            ids.filter((id) => id !== 0),
          ),
        ),
      );
    expectClose(
      logits,
      inputs.map((ids) => forward(ids as number[])),
      1e-12,
    );
  });
});
