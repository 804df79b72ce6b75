import * as tf from "@tensorflow/tfjs";
import { describeGolden } from "./fixtures/golden.ts";

describeGolden(async () => {
  await tf.setBackend("cpu");
}, ["fashion-class"]);
