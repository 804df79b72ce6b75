import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRandom, encodeSafetensors } from "@lethe/core";
import * as zoo from "../index.ts";
import type { ClassifierOptions, ModelId, WeightNames } from "../index.ts";
import * as torch from "./fixtures/torch-twin.ts";
import type { Planes, TorchTwin, Vector } from "./fixtures/torch-twin.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const classes = 3;
/** A 3x3 convolution that keeps the sides, or halves them. */
const three = (filters: number, stride = 1) => ({ filters, kernel: 3, stride, padding: 1 });

interface Case {
  readonly architecture: ModelId;
  readonly names: WeightNames;
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly build: (options: ClassifierOptions) => tf.LayersModel;
  /** The same network as PyTorch code states it. */
  readonly forward: (net: TorchTwin, image: Planes) => Vector;
}

/** kuangliu/pytorch-cifar. */
const cifarResNet =
  (blocks: readonly number[], width: number) =>
  (net: TorchTwin, image: Planes): Vector => {
    let x = torch.relu(net.batchNorm2d("bn1", net.conv2d("conv1", image, three(width))));
    blocks.forEach((count, stage) => {
      for (let block = 0; block < count; block++) {
        const name = `layer${stage + 1}.${block}`;
        const filters = width * 2 ** stage;
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const first = torch.relu(net.batchNorm2d(`${name}.bn1`, net.conv2d(`${name}.conv1`, x, three(filters, stride))));
        const second = net.batchNorm2d(`${name}.bn2`, net.conv2d(`${name}.conv2`, first, three(filters)));
        const projected = () => net.batchNorm2d(`${name}.shortcut.1`, net.conv2d(`${name}.shortcut.0`, x, { filters, kernel: 1, stride }));
        x = torch.relu(torch.plusPlanes(second, stride > 1 ? projected() : x));
      }
    });
    return net.linear("linear", torch.globalAverage(x), classes);
  };

const cases: readonly Case[] = [
  {
    architecture: "resnet18",
    names: "pytorch",
    inputShape: [10, 11, 2],
    build: (options) => zoo.resNet({ ...options, width: 2 }),
    forward: cifarResNet([2, 2, 2, 2], 2),
  },
  {
    architecture: "resnet8",
    names: "pytorch",
    inputShape: [9, 5, 2],
    build: (options) => zoo.smallResNet({ ...options, width: 2 }),
    forward: cifarResNet([1, 1, 1], 2),
  },
  {
    architecture: "wrn-16-4",
    names: "pytorch",
    inputShape: [8, 7, 2],
    build: (options) => zoo.wideResNet({ ...options, depth: 16, widening: 2, width: 2 }),
    forward: (net, image) => {
      let x = net.conv2d("conv1", image, three(2));
      for (const stage of [1, 2, 3]) {
        for (const block of [0, 1]) {
          const name = `block${stage}.layer.${block}`;
          const filters = 4 * 2 ** (stage - 1);
          const stride = stage > 1 && block === 0 ? 2 : 1;
          const activated = torch.relu(net.batchNorm2d(`${name}.bn1`, x));
          const first = torch.relu(net.batchNorm2d(`${name}.bn2`, net.conv2d(`${name}.conv1`, activated, three(filters, stride))));
          const shortcut = block === 0 ? net.conv2d(`${name}.convShortcut`, activated, { filters, kernel: 1, stride }) : x;
          x = torch.plusPlanes(net.conv2d(`${name}.conv2`, first, three(filters)), shortcut);
        }
      }
      return net.linear("fc", torch.globalAverage(torch.relu(net.batchNorm2d("bn1", x))), classes);
    },
  },
  {
    architecture: "vgg16",
    names: "pytorch",
    inputShape: [6, 5, 2],
    build: (options) => zoo.vgg({ ...options, stages: [[3], [4, 2]] }),
    forward: (net, image) => {
      const convolved = (at: number, x: Planes, filters: number) =>
        torch.relu(net.batchNorm2d(`features.${at + 1}`, net.conv2d(`features.${at}`, x, { ...three(filters), bias: "drawn" })));
      const pooled = torch.maxPool(convolved(0, image, 3));
      return net.linear("classifier", torch.globalAverage(torch.maxPool(convolved(7, convolved(4, pooled, 4), 2))), classes);
    },
  },
  {
    architecture: "allcnn",
    names: "pytorch",
    inputShape: [6, 5, 2],
    build: (options) => zoo.allCnn({ ...options, width: 2, dropout: 0.5 }),
    forward: (net, image) => {
      const shapes = {
        0: three(2),
        1: three(2),
        2: three(4, 2),
        4: three(4),
        5: three(4),
        6: three(4, 2),
        8: three(4),
        9: { filters: 4, kernel: 1 },
      };
      const features = Object.entries(shapes).reduce(
        (x, [at, shape]) => torch.relu(net.batchNorm2d(`features.${at}.1`, net.conv2d(`features.${at}.0`, x, shape))),
        image,
      );
      return net.linear("classifier.0", torch.globalAverage(features), classes);
    },
  },
  {
    architecture: "small-cnn",
    names: "pytorch",
    inputShape: [8, 9, 2],
    build: (options) => zoo.smallCnn({ ...options, filters: [2, 3], hidden: 5 }),
    forward: (net, image) => {
      const block = (at: number, x: Planes, filters: number) =>
        torch.maxPool(torch.relu(net.batchNorm2d(`bn${at}`, net.conv2d(`conv${at}`, x, three(filters)))));
      const hidden = net.linear("fc1", torch.flatten(block(2, block(1, image, 2), 3)), 5);
      return net.linear(
        "fc2",
        hidden.map((value) => Math.max(value, 0)),
        classes,
      );
    },
  },
  {
    architecture: "lenet5",
    names: "pytorch",
    inputShape: [12, 16, 2],
    build: zoo.lenet5,
    forward: (net, image) => {
      const tanh = (x: Planes): Planes => x.map((plane) => plane.map((row) => row.map(Math.tanh)));
      const first = torch.averagePool(tanh(net.conv2d("conv1", image, { filters: 6, kernel: 5, padding: 2, bias: "drawn" })));
      const second = torch.averagePool(tanh(net.conv2d("conv2", first, { filters: 16, kernel: 5, bias: "drawn" })));
      const hidden = net.linear("fc1", torch.flatten(second), 120).map(Math.tanh);
      return net.linear("fc3", net.linear("fc2", hidden, 84).map(Math.tanh), classes);
    },
  },
  {
    architecture: "mlp",
    names: "pytorch",
    inputShape: [2, 3, 2],
    build: (options) => zoo.mlp({ ...options, hidden: [4, 5], activation: "tanh" }),
    forward: (net, image) => {
      const first = net.linear("fc1", torch.flatten(image), 4).map(Math.tanh);
      return net.linear("fc3", net.linear("fc2", first, 5).map(Math.tanh), classes);
    },
  },
  {
    architecture: "vit-tiny",
    names: "timm",
    inputShape: [4, 6, 3],
    build: (options) => zoo.vit({ ...options, patch: 2, width: 6, depth: 2, heads: 3 }),
    forward: (net, image) => {
      const planes = net.conv2d("patch_embed.proj", image, { filters: 6, kernel: 2, stride: 2, bias: "drawn" });
      const patches = Array.from({ length: 2 * 3 }, (_, at) => planes.map((plane) => plane[Math.floor(at / 3)][at % 3]));
      const token = net.parameter("cls_token", [1, 1, 6], (random) => random.normal());
      const positions = net.parameter("pos_embed", [1, 7, 6], (random) => random.normal());
      let tokens = [[...token], ...patches].map((each, at): Vector => torch.plus(each, [...positions.subarray(6 * at)]));
      for (const name of ["blocks.0", "blocks.1"]) {
        const mixed = net.attention(
          `${name}.attn`,
          tokens.map((each) => net.layerNorm(`${name}.norm1`, each)),
          3,
        );
        tokens = tokens.map((each, at) => torch.plus(each, mixed[at]));
        tokens = tokens.map((each) => {
          const hidden = torch.geluOf(net.linear(`${name}.mlp.fc1`, net.layerNorm(`${name}.norm2`, each), 24));
          return torch.plus(each, net.linear(`${name}.mlp.fc2`, hidden, 6));
        });
      }
      return net.linear("head", net.layerNorm("norm", tokens[0]), classes);
    },
  },
];

it.each(cases)("$architecture with weights of PyTorch gives PyTorch's logits", async ({ architecture, names, inputShape, build, forward }) => {
  const random = createRandom(11);
  const [height, width, channels] = inputShape;
  const images = Array.from({ length: 2 }, (): Planes => {
    const plane = () => Array.from({ length: height }, () => Array.from({ length: width }, () => Math.fround(random.normal())));
    return Array.from({ length: channels }, plane);
  });
  const net = new torch.TorchTwin(random);
  const expected = images.flatMap((image) => forward(net, image));
  const network = build({ inputShape, classes, ending: "logits" });
  zoo.importWeights(network, encodeSafetensors(net.tensors), { from: names, architecture });
  const inputs = tf.transpose(tf.tensor(images as number[][][][]), [0, 2, 3, 1]);
  const actual = await (network.predict(inputs) as tf.Tensor).data();
  const scale = Math.max(...expected.map(Math.abs));
  expect(new Set(expected).size).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i] - value) / scale).toBeLessThan(1e-5));
});
