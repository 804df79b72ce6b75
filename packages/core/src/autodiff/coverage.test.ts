import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { gradientCoverage } from "./coverage.ts";
import { coveragePage } from "./fixtures/coverage-page.ts";
import { gradients } from "./gradients/index.ts";
import { makeTwiceDifferentiable } from "./make-twice-differentiable.ts";

const stock = new Set(
  Object.keys(tf).filter((name) => (tf as unknown as Record<string, unknown>)[name] === name && tf.getGradient(name) !== undefined),
);

beforeAll(() => {
  makeTwiceDifferentiable();
});

describe("gradientCoverage", () => {
  test("knows every kernel that tfjs, or this package, has a gradient for", () => {
    expect(stock.size).toBe(101);
    const listed = new Set(gradientCoverage().map(({ kernel }) => kernel));
    const missing = [...stock, ...gradients.map(({ kernelName }) => kernelName)].filter((kernel) => !listed.has(kernel));
    expect(missing).toEqual([]);
  });

  test("says proved or piecewise linear only where there is a gradient, and gives a reason wherever it refuses", () => {
    for (const { kernel, status, reason } of gradientCoverage()) {
      expect({ kernel, hasReason: reason !== undefined }).toEqual({ kernel, hasReason: status === "refused" });
      if (status !== "refused") expect({ kernel, gradient: tf.getGradient(kernel) !== undefined }).toEqual({ kernel, gradient: true });
    }
  });

  test("registers no gradient twice", () => {
    const names = gradients.map(({ kernelName }) => kernelName);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("is what docs/gradient-coverage.md shows (update it with --update)", async () => {
    const page = coveragePage(gradientCoverage(), (kernel) => tf.getGradient(kernel) !== undefined);
    await expect(page).toMatchFileSnapshot("../../../../docs/gradient-coverage.md");
  });
});
