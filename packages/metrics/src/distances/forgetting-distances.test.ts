import { isLetheError, type HostTensor } from "@lethe/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, readTensors } from "../fixtures/read.ts";
import { softmax } from "../outputs/softmax.ts";
import { completeness } from "./completeness.ts";
import { zeroRetrainForgetting } from "./zero-retrain-forgetting.ts";

interface Golden {
  distances: { name: string; zrf_with_js_nats: number; zrf_reference_code_bad_teaching: number | string }[];
  ssd: { name: string; official_ZRF_teacher_eval_mode: number; textbook_ZRF_teacher_eval_mode: number }[];
}
const golden = readJson<Golden>("zrf.json");
const uniform = (classes: number): HostTensor => ({ shape: [1, classes], values: new Float64Array(classes).fill(1 / classes) });

test("ZRF, textbook and as published, on synthetic outputs with zeros in them", () => {
  const tensors = readTensors("output-distances.safetensors");
  expect(golden.distances).toHaveLength(6);
  for (const { name, zrf_with_js_nats, zrf_reference_code_bad_teaching: published } of golden.distances) {
    const own = zeroRetrainForgetting(tensors[`${name}/p_unlearned`], [tensors[`${name}/q_oracle`]]);
    expect(Math.abs((own?.value ?? NaN) - zrf_with_js_nats)).toBeLessThan(1e-12);
    if (typeof published === "number") expect(Math.abs((own?.asPublished ?? NaN) - published)).toBeLessThan(1e-10);
    else expect(own?.asPublished).toBe(Number(published));
  }
});

test("ZRF, textbook and as published, of the SSD runs", () => {
  const tensors = readTensors("zrf.safetensors");
  expect(golden.ssd).toHaveLength(3);
  for (const { name, official_ZRF_teacher_eval_mode, textbook_ZRF_teacher_eval_mode } of golden.ssd) {
    const own = zeroRetrainForgetting(softmax(tensors[`ssd/${name}`]), [softmax(tensors["ssd/untrained"])]);
    // The reference is float32.
    expect(Math.abs((own?.value ?? NaN) - textbook_ZRF_teacher_eval_mode)).toBeLessThan(1e-5);
    expect(Math.abs((own?.asPublished ?? NaN) - official_ZRF_teacher_eval_mode)).toBeLessThan(1e-5);
  }
});

test("Bad Teaching's bug: ZRF of disjoint outputs does not depend on the number of classes, and zeros are guarded", () => {
  for (const classes of [2, 10, 100]) {
    const first: HostTensor = { shape: [1, classes], values: Float64Array.from({ length: classes }, (_, c) => (c === 0 ? 1 : 0)) };
    const last: HostTensor = { shape: [1, classes], values: first.values.toReversed() };
    expect(zeroRetrainForgetting(first, [last])?.value).toBeCloseTo(1 - Math.LN2, 12);
  }
});

test("torchunlearn's bug: ZRF is 1 - JS and no cosine similarity", () => {
  const model: HostTensor = { shape: [1, 2], values: Float64Array.of(0.75, 0.25) };
  const js = (0.75 * Math.log(0.75 / 0.625) + 0.25 * Math.log(0.25 / 0.375) + 0.5 * Math.log(0.5 / 0.625) + 0.5 * Math.log(0.5 / 0.375)) / 2;
  expect(zeroRetrainForgetting(model, [uniform(2)])?.value).toBeCloseTo(1 - js, 14);
});

test("several untrained networks are averaged and kept apart", () => {
  const model: HostTensor = { shape: [1, 2], values: Float64Array.of(1, 0) };
  const own = zeroRetrainForgetting(model, [model, uniform(2)]);
  expect(own?.perUntrained[0]).toBe(1);
  expect(own?.value).toBe(((own?.perUntrained[0] ?? NaN) + (own?.perUntrained[1] ?? NaN)) / 2);
  const empty: HostTensor = { shape: [0, 2], values: new Float64Array(0) };
  expect(zeroRetrainForgetting(empty, [empty])).toBeNull();
  expect(() => zeroRetrainForgetting(model, [])).toThrow(expect.toSatisfy((error) => isLetheError(error) && error.code === "metrics/bad-argument"));
});

test("completeness is the Jaccard index of (sample, class) pairs", () => {
  const classes = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(classes, (pairs) => {
      const set = (side: 0 | 1) => new Set(pairs.map((pair, i) => `${i}:${pair[side]}`));
      const [first, second] = [set(0), set(1)];
      const common = [...first].filter((pair) => second.has(pair)).length;
      const own = completeness(
        pairs.map(([a]) => a),
        pairs.map(([, b]) => b),
      );
      expect(own?.agreement).toBeCloseTo(common / pairs.length, 14);
      expect(own?.intersectionOverUnion).toBeCloseTo(common / new Set([...first, ...second]).size, 14);
    }),
  );
  expect(completeness([], [])).toBeNull();
});
