import * as tf from "@tensorflow/tfjs";
import { beforeAll, test } from "vitest";
import { describeGolden, expectGoldenSpectrum } from "./fixtures/golden-suite.ts";
import { goldenCases } from "./fixtures/golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describeGolden("cpu");

// The quickest; the others are in golden.slow.test.ts.
test.each(goldenCases.filter(({ name }) => ["mlp-relu-ce", "mlp-tanh-mse", "text-tanh"].includes(name)))(
  "eigenvalues, trace and diagonal of the Hessian: $name",
  expectGoldenSpectrum,
);
