import * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { describeGolden } from "./fixtures/golden-suite.ts";

beforeAll(async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
});

describeGolden("wasm");
