import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { chooseBackend } from "@lethe/backends";
import {
  Model,
  createContext,
  createRandom,
  crossEntropyObjective,
  fromHost,
  gradientSum,
  toHost,
  train,
  arrayDataset,
  type Dataset,
} from "@lethe/core";
import { flattenTree, hessian } from "@lethe/core/curvature";
import { resNet, textMean, textTransformer, vit, wideResNet } from "@lethe/models";
import { decodeNetwork, encodeNetwork } from "./files.ts";

// The transformers' kernels (gather, erf, layer norm, batched products) and the bordered convolutions on the backend that people run, against the cpu backend.

const classes = 3;

function images(shape: number[]): Dataset {
  const random = createRandom("images");
  const size = shape.reduce((product, each) => product * each, 1);
  return arrayDataset({
    inputs: Float32Array.from({ length: 6 * size }, () => random.normal()),
    inputShape: shape,
    labels: [0, 1, 2, 0, 1, 2],
  });
}

function texts(): Dataset {
  const random = createRandom("texts");
  return arrayDataset({
    inputs: Int32Array.from({ length: 6 * 5 }, (_, i) => (i % 5 === 0 ? 1 + random.integer(8) : random.integer(9))),
    inputShape: [5],
    labels: [0, 1, 2, 0, 1, 2],
  });
}

const zoo = [
  { name: "vit", data: () => images([8, 8, 2]), build: () => vit({ inputShape: [8, 8, 2], classes, patch: 2, width: 12, depth: 2 }) },
  { name: "text-mean", data: texts, build: () => textMean({ inputShape: [5], classes, vocabulary: 9, width: 8 }) },
  {
    name: "text-transformer",
    data: texts,
    build: () => textTransformer({ inputShape: [5], classes, vocabulary: 9, width: 8, depth: 1, heads: 2 }),
  },
  { name: "resnet18", data: () => images([17, 16, 2]), build: () => resNet({ inputShape: [17, 16, 2], classes, stem: "large", width: 3 }) },
  {
    name: "wide-resnet",
    data: () => images([8, 8, 2]),
    build: () => wideResNet({ inputShape: [8, 8, 2], classes, depth: 10, widening: 1, width: 4 }),
  },
];

const objective = crossEntropyObjective("softmax-cross-entropy");
const pass = { batchSize: 4, phase: "" };

interface Results {
  readonly gradient: Float64Array;
  readonly product: Float64Array;
}

async function resultsOf(model: Model, data: Dataset): Promise<Results> {
  const context = createContext();
  const gradient = flattenTree(await gradientSum(model, data, objective, { ...pass, context }));
  const direction = createRandom("direction");
  const vector = Float64Array.from(gradient, () => direction.normal());
  return {
    gradient,
    product: await hessian(model, data, { ...pass, context })
      .toLinearOperator()
      .apply(vector),
  };
}

const distance = (actual: Float64Array, expected: Float64Array): number =>
  Math.hypot(...actual.map((value, i) => value - expected[i])) / Math.hypot(...expected);

describe("the zoo on wasm", () => {
  const expected = new Map<string, { files: Awaited<ReturnType<typeof encodeNetwork>>; results: Results }>();

  beforeAll(async () => {
    await chooseBackend({ name: "cpu" });
    for (const { name, data, build } of zoo) {
      const fresh = new Model(build());
      const model = fresh.initialise(createRandom(1));
      fresh.dispose();
      expected.set(name, { files: await encodeNetwork(model.network), results: await resultsOf(model, data()) });
      model.dispose();
    }
    tf.disposeVariables();
    await chooseBackend({ name: "wasm" });
  });

  it.each(zoo)("$name has the gradient and the Hessian-vector product that cpu gives", async ({ name, data }) => {
    const { files, results } = expected.get(name)!;
    const model = new Model(await decodeNetwork(files));
    const actual = await resultsOf(model, data());
    expect(distance(actual.gradient, results.gradient)).toBeLessThan(1e-4);
    expect(distance(actual.product, results.product)).toBeLessThan(1e-3);
  });

  it.each(zoo.slice(0, 3))("$name learns six samples by heart", async ({ build, data }) => {
    const model = new Model(build()).initialise(createRandom(1));
    const recipe = { seed: 1, epochs: 30, batchSize: 6, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.01 } } as const;
    const { weights } = await train({ model, data: data(), recipe, context: createContext() });
    const trained = model.copy(weights);
    const { inputs } = await data().read([0, 1, 2, 3, 4, 5]);
    const logits = trained.logits(trained.parameters, fromHost({ inputs }).inputs);
    expect([...(await tf.argMax(logits, 1).data())]).toEqual([0, 1, 2, 0, 1, 2]);
    expect((await toHost({ logits })).logits.values.every(Number.isFinite)).toBe(true);
  });
});
