import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "@lethe/core";
import { exportWeights, importWeights, smallCnn } from "../index.ts";
import { countedAnew } from "./keras-names.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const renamed = (...names: string[]) => [...countedAnew(names, "the file").values()];

describe("Keras's names", () => {
  it("are counted anew per class of layer, by number and not by spelling", () => {
    const names = ["conv2d_10/kernel", "conv2d_10/bias", "conv2d_9/kernel", "dense/kernel", "batch_normalization_3/moving_mean"];
    expect(renamed(...names)).toEqual(["conv2d_1/kernel", "conv2d_1/bias", "conv2d/kernel", "dense/kernel", "batch_normalization/moving_mean"]);
  });

  it("lose their scope and TensorFlow's suffix", () => {
    expect(renamed("sequential/dense/kernel:0", "sequential/dense_1/kernel:0")).toEqual(["dense/kernel", "dense_1/kernel"]);
  });

  it("of another form stay", () => {
    expect(renamed("optimizer", "dense/kernel")).toEqual(["optimizer", "dense/kernel"]);
  });

  it("of two models in one file are refused", () => {
    expect(() => renamed("first/dense/kernel", "second/dense/kernel")).toThrow(expect.objectContaining({ code: "weights/ambiguous-name" }));
  });

  it("come and go with every tensor as it is", async () => {
    const build = () => smallCnn({ inputShape: [8, 8, 1], classes: 3, filters: [2, 3], hidden: 4 });
    const network = build();
    const bytes = await exportWeights(network, { to: "keras", architecture: "small-cnn" });
    const { tensors } = decodeSafetensors(bytes);
    const norm = ["gamma", "beta", "moving_mean", "moving_variance"];
    expect(Object.keys(tensors)).toEqual([
      "conv2d/kernel",
      ...norm.map((role) => `batch_normalization/${role}`),
      "conv2d_1/kernel",
      ...norm.map((role) => `batch_normalization_1/${role}`),
      "dense/kernel",
      "dense/bias",
      "dense_1/kernel",
      "dense_1/bias",
    ]);
    expect(tensors["conv2d_1/kernel"].values).toEqual(network.getLayer("block2/conv").getWeights()[0].dataSync());
    // As a program names it that has built another network before.
    const later = Object.entries(tensors).map(([name, tensor]) => {
      const [, kind, number = "0", role] = /^(.*?)(?:_(\d))?\/(.*)$/.exec(name)!;
      return [`model_1/${kind}_${Number(number) + 9}/${role}:0`, tensor];
    });
    const other = build();
    importWeights(other, encodeSafetensors(Object.fromEntries(later.toReversed())), { from: "keras", architecture: "small-cnn" });
    expect(await exportWeights(other, { to: "keras", architecture: "small-cnn" })).toEqual(bytes);
  });
});
