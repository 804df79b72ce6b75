import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { vit, vitSizes } from "./vit.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const imagenet = { inputShape: [224, 224, 3], classes: 1000, patch: 16 };

// The fast tests count by shapes alone; these are real weights, about 350 MB of them.
it("ViT-B/16 has its published number of weights", () => {
  const network = vit({ ...imagenet, ...vitSizes.base });
  expect(network.countParams()).toBe(86_567_656);
  network.dispose();
});

it("ViT-Ti/16 classifies an image of full size", async () => {
  const network = vit({ ...imagenet, ...vitSizes.tiny });
  const probabilities = network.predict(tf.randomNormal([1, 224, 224, 3], 0, 1, "float32", 1)) as tf.Tensor;
  expect(probabilities.shape).toEqual([1, 1000]);
  expect((await tf.sum(probabilities).data())[0]).toBeCloseTo(1, 4);
});
