import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { expectGoldenSpectrum } from "./fixtures/golden-suite.ts";
import { goldenCases } from "./fixtures/golden.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

test("there are 26 of them", () => {
  expect(goldenCases).toHaveLength(26);
});

test.each(goldenCases)("eigenvalues, trace and diagonal of the Hessian: $name", expectGoldenSpectrum);
