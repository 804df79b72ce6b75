import * as tf from "@tensorflow/tfjs";
import { describeGolden } from "./fixtures/golden.ts";

// The convolutional case is too slow in plain JavaScript: golden.cpu.slow.test.ts.
describeGolden(async () => {
  await tf.setBackend("cpu");
}, ["digits-class", "digits-random"]);
