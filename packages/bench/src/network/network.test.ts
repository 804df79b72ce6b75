import { arrayDataset } from "@lethe/core";
import { expect, test } from "vitest";
import { buildNetwork, usualBuilder } from "./network.ts";

const labels = [0, 1];
const numbers = arrayDataset({ inputs: new Float32Array(16), inputShape: [8], labels });
const words = arrayDataset({ name: "news", inputs: new Int32Array(16), inputShape: [8], labels, vocabulary: 50 });

test("the usual model is for the kind of data", () => {
  const images = (channels: number) => arrayDataset({ inputs: new Float32Array(8 * channels), inputShape: [2, 2, channels], labels });
  expect([words, numbers, images(1), images(3)].map(usualBuilder)).toEqual(["text-mean", "mlp", "small-cnn", "resnet8"]);
});

test.each(["text-mean", "text-transformer"])("%s has a vector for each word of the data", (id) => {
  const network = buildNetwork(id, words);
  expect(network.getLayer("embedding").getWeights()[0].shape).toEqual([50, 64]);
  network.dispose();
});

test("a model of numbers is not built for ids of words", () => {
  expect(() => buildNetwork("mlp", words)).toThrow(
    expect.objectContaining({
      code: "model/bad-option",
      message: expect.stringMatching(/mlp takes numbers, and news .*choose text-mean or text-transformer/),
    }),
  );
});
