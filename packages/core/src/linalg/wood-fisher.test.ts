import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { cholesky, choleskySolve } from "./cholesky.ts";
import { normalVector, relativeError } from "./fixtures/problems.ts";
import { multiply, type Matrix } from "./matrix.ts";
import { woodFisherInverse, woodFisherOperator } from "./wood-fisher.ts";

/** The Fisher matrix itself, by its definition. */
function fisher(gradients: readonly Float64Array[], dimension: number, damping: number): Matrix {
  const values = new Float64Array(dimension ** 2);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      values[i * dimension + j] =
        gradients.reduce((sum, gradient) => sum + gradient[i] * gradient[j], 0) / gradients.length + (i === j ? damping : 0);
    }
  }
  return { shape: [dimension, dimension], values };
}

async function* stream(gradients: readonly Float64Array[]): AsyncGenerator<Float64Array> {
  yield* gradients;
}

describe("WoodFisher", () => {
  it("inverts the damped Fisher matrix, as matrix and as operator", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(1e-6, 1e-3, 1),
        async (seed, dimension, count, damping) => {
          const random = createRandom(seed);
          const gradients = Array.from({ length: count }, () => normalVector(dimension, random));
          const vector = normalVector(dimension, random);
          const expected = choleskySolve(cholesky(fisher(gradients, dimension, damping)), vector);
          const options = { dimension, count, damping };
          const inverse = await woodFisherInverse(gradients, options);
          const operator = await woodFisherOperator(stream(gradients), options);
          // ||F|| is some tens here.
          const tolerance = 1e-14 * (100 / damping);
          expect(relativeError(multiply(inverse, vector), expected)).toBeLessThan(tolerance);
          expect(relativeError(await operator.apply(vector), expected)).toBeLessThan(tolerance);
        },
      ),
    );
  });

  it("does not depend on the order of the samples", async () => {
    const gradients = Array.from({ length: 9 }, (_, i) => normalVector(5, createRandom(i)));
    const options = { dimension: 5, count: 9, damping: 0.1 };
    const [forward, backward] = [await woodFisherInverse(gradients, options), await woodFisherInverse(gradients.toReversed(), options)];
    expect(relativeError(backward.values, forward.values)).toBeLessThan(1e-13);
  });

  it("leaves directions without a gradient at 1 / damping", async () => {
    const { values } = await woodFisherInverse([Float64Array.of(3, 0)], { dimension: 2, count: 1, damping: 0.5 });
    expect([...values]).toEqual([expect.closeTo(1 / 9.5, 14), 0, 0, 2]);
  });

  it.each([1, 3])("refuses a stream of another count than stated: %i", async (count) => {
    const gradients = [Float64Array.of(1), Float64Array.of(2)];
    await expect(woodFisherInverse(gradients, { dimension: 1, count, damping: 1 })).rejects.toMatchObject({
      code: "linalg/wrong-count",
      details: { read: 2, count },
    });
  });
});
