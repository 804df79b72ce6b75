import type * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { describeExamples } from "./examples.ts";

/** What the package under test runs on: its own copies, so that network, data and method agree. */
export interface MethodExamplesOptions {
  readonly tf: typeof tf;
  readonly core: { arrayDataset(source: ArraySource): unknown };
  /** The package's exports. */
  readonly method: object;
}

interface ArraySource {
  readonly inputs: Float32Array;
  readonly inputShape: readonly number[];
  readonly labels: readonly number[];
  readonly ids: readonly string[];
}

/**
 * {@link describeExamples} for a package of a method: its examples may use `tf`, everything of the core and of the package, a classifier `network`
 * (`model` is another name for it), the 16 samples of 4 classes `data` with the ids a0 to a15, and a `recipe`.
 *
 * @param url `import.meta.url` of the test file.
 */
export function describeMethodExamples(url: string, { tf, core, method }: MethodExamplesOptions): void {
  beforeAll(async () => {
    await tf.setBackend("cpu");
  });

  describeExamples({
    url,
    scope: () => {
      const network = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [2], activation: "softmax" })] });
      const data = core.arrayDataset({
        inputs: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
        inputShape: [2],
        labels: Array.from({ length: 16 }, (_, i) => i % 4),
        ids: Array.from({ length: 16 }, (_, i) => `a${i}`),
      });
      const recipe = { seed: 1, epochs: 1, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
      return { ...core, ...method, tf, network, model: network, data, recipe };
    },
  });
}
