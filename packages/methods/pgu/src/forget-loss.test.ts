import * as tf from "@tensorflow/tfjs";
import { valueAndGradient } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { forgetLoss, type ForgetLossOptions } from "./forget-loss.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function lossOf(logits: number[][], labels: number[], options: Partial<ForgetLossOptions> = {}): { bounded: number; entropy: number; total: number } {
  return tf.tidy(() => {
    const { bounded, entropy, total } = forgetLoss(tf.tensor2d(logits), tf.tensor1d(labels, "int32"), {
      objective: "forget",
      offset: 0.05,
      entropyWeight: 0.2,
      ...options,
    });
    const read = (scalar: tf.Scalar) => scalar.dataSync()[0];
    return { bounded: read(bounded), entropy: read(entropy), total: read(total) };
  });
}

describe("the forget loss, against values worked out by hand", () => {
  it("with p = (0.7, 0.2, 0.1)", () => {
    const { entropy, total } = lossOf([[0.7, 0.2, 0.1].map(Math.log)], [0]);
    expect(entropy).toBeCloseTo(-0.80182, 5);
    expect(total).toBeCloseTo(0.88946, 5);
  });

  it.each([
    [0.05, 0, -0.04879],
    [0.05, 0.5, 0.59784],
    [0.05, 0.9, 1.89712],
    [0.05, 1, 2.99573],
    [0.1, 0, -0.09531],
    [0.1, 0.5, 0.51083],
    [0.1, 0.9, 1.60944],
    [0.1, 1, Math.LN10],
  ])("offset %d at p_y = %d", (offset, probability, expected) => {
    const logit = probability === 0 ? -60 : probability === 1 ? 60 : Math.log(probability / (1 - probability));
    expect(lossOf([[logit, 0]], [0], { offset }).bounded).toBeCloseTo(expected, 5);
  });

  it("depoisoning", () => {
    const { entropy, total } = lossOf([[2, 1, 0]], [0], { objective: "depoison", offset: 0.1 });
    expect(entropy).toBeCloseTo(0.5822, 5);
    expect(total).toBeCloseTo(0.9494, 5);
  });

  it("is a mean over samples", () => {
    const both = lossOf([[2, 1, 0], [-1, 0.5, 3]], [0, 2]).total; // prettier-ignore
    expect(both).toBeCloseTo((lossOf([[2, 1, 0]], [0]).total + lossOf([[-1, 0.5, 3]], [2]).total) / 2, 6);
  });

  it("keeps the digits of 1 - p_y where p_y is next to 1", () => {
    const small = Math.exp(-17) / (1 + Math.exp(-17));
    // A float32 knows no number between 1 - 6e-8 and 1.
    expect(lossOf([[17, 0]], [0], { offset: 1e-9, entropyWeight: 0 }).total).toBeCloseTo(-Math.log(1e-9 + small), 4);
  });
});

it.each(["forget", "depoison"] as const)("has the gradient of differences in float64 (%s)", (objective) => {
  const logits = [0.3, -1.2, 2, 0.7];
  const label = 2;
  const float64 = (z: number[]): number => {
    const softmax = (from: number[]) => from.map((each) => Math.exp(each) / from.reduce((sum, other) => sum + Math.exp(other), 0));
    const entropy = (p: number[]) => -p.reduce((sum, each) => sum + each * Math.log(each), 0);
    const p = softmax(z);
    const second = objective === "forget" ? -entropy(p) : entropy(softmax(z.filter((_, c) => c !== label)));
    return -Math.log(1.05 - p[label]) + 0.2 * second;
  };
  const { value, gradient } = valueAndGradient(
    (tree) => forgetLoss(tree["z"] as tf.Tensor2D, tf.tensor1d([label], "int32"), { objective, offset: 0.05, entropyWeight: 0.2 }).total,
    { z: tf.tensor2d([logits]) },
  );
  expect(value.dataSync()[0]).toBeCloseTo(float64(logits), 6);
  const step = 1e-5;
  gradient["z"].dataSync().forEach((actual, c) => {
    const moved = (by: number) => float64(logits.map((each, i) => (i === c ? each + by : each)));
    expect(actual).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 6);
  });
});

it.each([200, -200])("stays finite, and so does its gradient, with a logit of %d", (logit) => {
  for (const objective of ["forget", "depoison"] as const) {
    const { value, gradient } = valueAndGradient(
      (tree) => forgetLoss(tree["z"] as tf.Tensor2D, tf.tensor1d([0], "int32"), { objective, offset: 0.05, entropyWeight: 0.2 }).total,
      { z: tf.tensor2d([[logit, 0, 1]]) },
    );
    expect([value.dataSync()[0], ...gradient["z"].dataSync()].every(Number.isFinite)).toBe(true);
  }
});
