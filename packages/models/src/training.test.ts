import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRandom, withSeededMathRandom } from "@lethe/core";
import { digits } from "@lethe/datasets";
import { mlp } from "./mlp.ts";
import { smallCnn } from "./small-cnn.ts";
import { smallResNet } from "./small-res-net.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const image = { inputShape: [8, 8, 1], classes: 10 };

// Widths are cut down, and few digits are enough to see that a network learns, because the plain JavaScript backend is slow.
it.each([
  { id: "mlp", build: () => mlp(image), samples: 320, epochs: 4 },
  { id: "small-cnn", build: () => smallCnn({ ...image, filters: [4, 8] }), samples: 160, epochs: 3 },
  { id: "resnet8", build: () => smallResNet({ ...image, width: 3 }), samples: 64, epochs: 4 },
  { id: "resnet20", build: () => smallResNet({ ...image, width: 3, blocks: 3 }), samples: 64, epochs: 4 },
])("$id learns digits with tfjs's own fit", async ({ build, samples, epochs }) => {
  const { train } = await digits({ shape: "image" });
  const { inputs, labels } = await train.read(Array.from({ length: samples }, (_, i) => i));
  const x = tf.tensor(inputs.values as Float32Array, [...inputs.shape]);
  const y = tf.oneHot(tf.tensor1d(labels, "int32"), 10);
  const network = withSeededMathRandom(createRandom(5), build);
  network.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
  const { history } = await network.fit(x, y, { batchSize: 16, epochs, shuffle: false, verbose: 0 });
  const losses = history.loss as number[];
  expect(losses.at(-1)).toBeLessThan(0.75 * losses[0]);
});
