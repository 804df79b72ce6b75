import { createRandom } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { clouds, logistic } from "./fixtures/regressions.ts";
import { combination, difference, dot, norm } from "./vector.ts";
import { exactWoodFisher, releasedChain, releasedWoodFisher } from "./wood-fisher.ts";

const at = Float64Array.of(0.4, -0.3, 0.2);
const vector = Float64Array.of(1, -2, 0.5);
const points = clouds(30, "wood-fisher");
const request = { loss: logistic(points, 0.2), at, vector, fisherSamples: 1000, damping: 0.1, weightDecay: 0.2, random: createRandom(1) };
const gradients = points.map(({ x, y }) => {
  const p = 1 / (1 + Math.exp(-x.reduce((sum, each, i) => sum + each * at[i], 0)));
  return Float64Array.from(x, (each) => (p - y) * each);
});

/** The released loop written out element by element. */
function slowTwin(samples: readonly Float64Array[], v: Float64Array, N: number): number[] {
  const k = Array.from(v);
  const o = Array.from(samples[0]);
  for (const g of samples.slice(1)) {
    let og = 0;
    let kg = 0;
    for (let i = 0; i < k.length; i++) {
      og += o[i] * g[i];
      kg += k[i] * g[i];
    }
    for (let i = 0; i < k.length; i++) k[i] -= (kg / (N + og)) * o[i];
    for (let i = 0; i < k.length; i++) o[i] -= (og / (N + og)) * o[i];
  }
  return k;
}

const close = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12) =>
  Array.from(expected).forEach((value, i) => expect(found[i]).toBeCloseTo(value, digits));

describe("the released recursion", () => {
  test("by hand: two gradients and N = 1", async () => {
    // o.g = 2, k.g = 1 * 2 + 3 * 1 = 5: k = (1, 3) - 5 / 3 (1, 0).
    close(await releasedChain([Float64Array.of(1, 0), Float64Array.of(2, 1)], Float64Array.of(1, 3), 1), [-2 / 3, 3]);
  });

  test("is the loop written out, over the plain gradients in stored order", async () => {
    close(await releasedWoodFisher(request), slowTwin(gradients, vector, 1000));
    close(await releasedWoodFisher({ ...request, fisherSamples: 4 }), slowTwin(gradients.slice(0, 6), vector, 4));
  });

  test("moves v along the first gradient only, by little, where the exact inverse is four times as long", async () => {
    const same = { ...request, loss: logistic(points, 0), weightDecay: 0, damping: 0.01, fisherSamples: points.length };
    const released = await releasedWoodFisher(same);
    const change = difference(released, vector);
    expect(norm(change)).toBeGreaterThan(0.01 * norm(vector));
    expect(norm(change)).toBeLessThan(0.1 * norm(vector));
    expect(Math.abs(dot(change, gradients[0]))).toBeCloseTo(norm(change) * norm(gradients[0]), 12);
    const exact = await exactWoodFisher(same);
    expect(norm(exact)).toBeGreaterThan(4 * norm(vector));
    const error = difference(released, exact);
    expect(norm(error)).toBeGreaterThan(0.7 * norm(exact));
  });
});

describe("the exact inverse", () => {
  test("is that of the Fisher matrix of the plain gradients, damped by gamma and lambda", async () => {
    const x = await exactWoodFisher(request);
    const image = combination([
      [request.damping + request.weightDecay, x],
      ...gradients.map((gradient) => [dot(gradient, x) / gradients.length, gradient] as const),
    ]);
    close(image, vector);
  });

  test("takes N of more samples", async () => {
    const read = new Set<number>();
    const loss = {
      ...request.loss,
      gradient: (w: Float64Array, samples?: ArrayLike<number>) => {
        for (const position of Array.from(samples ?? [])) read.add(position);
        return request.loss.gradient(w, samples);
      },
    };
    await exactWoodFisher({ ...request, loss, fisherSamples: 10 });
    expect(read.size).toBe(10);
  });
});
