import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { accuracy, accuracyPerClass, predictions } from "./accuracy.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { entropy } from "./entropy.ts";
import { margin } from "./margin.ts";
import { logSoftmax, softmax } from "./softmax.ts";

const rows = (values: number[][]): HostTensor => ({ shape: [values.length, values[0].length], values: Float64Array.from(values.flat()) });

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
  } catch (error) {
    return isLetheError(error) ? error.code : "not a LetheError";
  }
  return undefined;
}

const logitRows = fc
  .integer({ min: 2, max: 6 })
  .chain((classes) =>
    fc.array(fc.array(fc.double({ min: -700, max: 700, noNaN: true }), { minLength: classes, maxLength: classes }), { minLength: 1, maxLength: 8 }),
  );

test("softmax and its logarithm sum to one and do not see a shift of the row", () => {
  fc.assert(
    fc.property(logitRows, fc.double({ min: -100, max: 100, noNaN: true }), (values, shift) => {
      const p = softmax(rows(values));
      const classes = values[0].length;
      values.forEach((_, row) => {
        const sum = p.values.slice(row * classes, (row + 1) * classes).reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
      });
      const shifted = logSoftmax(rows(values.map((row) => row.map((z) => z + shift))));
      logSoftmax(rows(values)).values.forEach((value, i) => expect(Math.abs(value - shifted.values[i])).toBeLessThan(1e-10));
    }),
  );
});

test("a confident row keeps its tiny loss instead of rounding to 0", () => {
  const [sure, surer] = crossEntropy(
    rows([
      [0, 40],
      [0, 50],
    ]),
    [1, 1],
  );
  expect(sure / Math.exp(-40)).toBeCloseTo(1, 12);
  expect(surer / Math.exp(-50)).toBeCloseTo(1, 12);
  expect(crossEntropy(rows([[1e4, -1e4]]), [1])[0]).toBe(2e4);
});

test("entropy: 0 log 0 = 0, log c for uniform rows, and the same as from the definition", () => {
  expect(
    [
      ...entropy(
        rows([
          [1, 0, 0],
          [1 / 3, 1 / 3, 1 / 3],
        ]),
      ),
    ].map((h) => Number(h.toFixed(12))),
  ).toEqual([0, Number(Math.log(3).toFixed(12))]);
  expect([...entropy(softmax(rows([[0, 1e4]])))]).toEqual([0]);
});

test("entropies of the published SSD runs", () => {
  const tensors = readTensors("ssd-entropies.safetensors");
  for (const name of ["A-digits-mlp", "B-fashion-cnn"]) {
    const own = entropy(softmax(tensors[`${name}/probe.logits.before`]));
    const stored = tensors[`${name}/before/test`].values;
    const deviation = [...tensors[`${name}/probe.index_in_test`].values].map((index, i) => Math.abs(own[i] - stored[index]));
    expect(deviation).toHaveLength(64);
    // The file's own tolerance is 1e-4: stored entropies and logits are float32.
    expect(Math.max(...deviation)).toBeLessThan(5e-6);
  }
});

test("margins agree with the reference and do not saturate", () => {
  const tensors = readTensors("margins.safetensors");
  const logits = tensors["margins/logits"];
  const [models, samples, classes] = logits.shape;
  for (let model = 0; model < models; model++) {
    const size = samples * classes;
    const own = margin(
      { shape: [samples, classes], values: logits.values.slice(model * size, (model + 1) * size) },
      tensors["margins/labels"].values,
    );
    own.forEach((value, i) => expect(value).toBeCloseTo(tensors["margins/expected"].values[model * samples + i], 10));
  }
  const own = margin(tensors["scaled_confidence/logits"], tensors["scaled_confidence/labels"].values);
  const { exact_margin } = readJson<{ exact_margin: number[] }>("margins.json");
  own.forEach((value, i) => expect(Math.abs(value / exact_margin[i] - 1)).toBeLessThan(1e-12));
});

test("the first maximum wins a tie", () => {
  expect([
    ...predictions(
      rows([
        [2, 2, 1],
        [1, 2, 2],
        [3, 3, 3],
      ]),
    ),
  ]).toEqual([0, 1, 0]);
});

test("a class without samples has no accuracy, and neither has an empty set", () => {
  expect(accuracyPerClass([0, 0, 2], [0, 2, 2], 4)).toEqual([1, null, 0.5, null]);
  expect(accuracy([], [])).toBeNull();
  expect(accuracy([1, 0], [1, 1])).toBe(0.5);
});

test("permuting samples or classes changes no summary", () => {
  fc.assert(
    fc.property(logitRows, fc.integer(), (values, seed) => {
      const random = createRandom(seed);
      const classes = values[0].length;
      const labels = values.map(() => random.integer(classes));
      const samples = random.permutation(values.length);
      const columns = random.permutation(classes);
      const moved = rows([...samples].map((sample) => [...columns].map((column) => values[sample][column])));
      const movedLabels = [...samples].map((sample) => columns.indexOf(labels[sample]));
      // Ties are broken by position, which a permutation of classes is allowed to change.
      fc.pre(values.every((row) => new Set(row).size === classes));
      expect(accuracy(predictions(moved), movedLabels)).toBe(accuracy(predictions(rows(values)), labels));
      const close = (a: Float64Array, b: Float64Array) => {
        samples.forEach((sample, i) => expect(Math.abs(a[i] - b[sample])).toBeLessThan(1e-9 * (1 + Math.abs(a[i]))));
      };
      close(crossEntropy(moved, movedLabels), crossEntropy(rows(values), labels));
      close(entropy(softmax(moved)), entropy(softmax(rows(values))));
      close(margin(moved, movedLabels), margin(rows(values), labels));
    }),
  );
});

test("what cannot be measured is refused by name", () => {
  expect(codeOf(() => softmax({ shape: [4], values: new Float32Array(4) }))).toBe("metrics/shape-mismatch");
  expect(codeOf(() => softmax({ shape: [2, 3], values: new Float32Array(5) }))).toBe("metrics/shape-mismatch");
  expect(codeOf(() => predictions(rows([[0, NaN]])))).toBe("metrics/non-finite-logits");
  expect(codeOf(() => crossEntropy(rows([[0, 1]]), [2]))).toBe("metrics/label-out-of-range");
  expect(codeOf(() => crossEntropy(rows([[0, 1]]), [0, 1]))).toBe("metrics/shape-mismatch");
  expect(codeOf(() => accuracyPerClass([0], [0.5], 2))).toBe("metrics/label-out-of-range");
  expect(codeOf(() => entropy({ shape: [3], values: new Float64Array(3) }))).toBe("metrics/shape-mismatch");
});
