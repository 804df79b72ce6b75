import * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { describeGolden } from "./fixtures/golden-suite.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeGolden("cpu");
