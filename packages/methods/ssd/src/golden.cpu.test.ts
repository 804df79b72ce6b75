import * as tf from "@tensorflow/tfjs";
import { describeGolden } from "./fixtures/golden.ts";

// The convolutional case takes a quarter of an hour in plain JavaScript: golden.cpu.slow.test.ts.
describeGolden(async () => {
  await tf.setBackend("cpu");
}, ["digits-mlp"]);
