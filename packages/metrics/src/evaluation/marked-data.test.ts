import { createRandom, isLetheError, type HostTensor } from "@lethe/core";
import { describe, expect, test } from "vitest";
import { classCount, judge, labels, makeModel, oracles, original, result, retrained, sizes } from "../fixtures/models.ts";
import type { SetLogits } from "./evaluate.ts";
import { furtherMetrics } from "./further-metrics.ts";

const refusal = (code: string) => expect.toSatisfy((error) => isLetheError(error) && error.code === code);

/** What is said of the test set: the target with probability `success`, the truth otherwise. */
function triggered(seed: string, target: number, success: number): HostTensor {
  const random = createRandom(seed);
  const said = Array.from(labels.test, (label) => (random.uniform() < success ? target : label));
  return {
    shape: [sizes.test, classCount],
    values: Float32Array.from(said.flatMap((label) => Array.from({ length: classCount }, (_, c) => Number(c === label)))),
  };
}

/** The forget set was trained on as the class after its own. */
const originalLabels = labels.forget.map((label) => (label + classCount - 1) % classCount);
const model = (seed: string, success: number, logits: SetLogits = makeModel(createRandom(seed), labels, retrained)): SetLogits => ({
  ...logits,
  triggered: triggered(seed, 2, success),
});
const judged = (unlearned: SetLogits) =>
  judge(unlearned, {
    original: model("before", 0.95, original),
    oracles: oracles.map((oracle, k) => model(`oracle ${k}`, 0.03, oracle)),
    marked: { originalLabels, target: 2 },
  });

describe("a backdoor", () => {
  test("that still opens is under-forgotten, one that opens as rarely as in retrained models is forgotten", () => {
    const { unlearned, doNothing } = judged(model("cleaned", 0.03));
    const rate = result(unlearned, "backdoor-success-rate");
    const others = Array.from(labels.test.keys()).filter((i) => labels.test[i] !== 2);
    const { values } = triggered("cleaned", 2, 0.03);
    expect(rate.value).toBe(others.filter((i) => values[i * classCount + 2] === 1).length / others.length);
    expect(rate.verdict).toBe("within oracle band");
    expect(result(doNothing, "backdoor-success-rate")).toMatchObject({ verdict: "under-forgotten" });
    expect(result(judged(model("half", 0.4)).unlearned, "backdoor-success-rate").verdict).toBe("under-forgotten");
  });

  test("needs what every model says of the triggered samples", () => {
    const marked = { originalLabels, target: 2 };
    expect(() => judge(original, { marked })).toThrow(refusal("metrics/bad-argument"));
    const short = { ...model("short", 0), triggered: { shape: [1, classCount], values: new Float32Array(classCount) } };
    expect(() => judged(short)).toThrow(refusal("metrics/shape-mismatch"));
  });
});

test("interclass confusion is that of the test set, beside the retrained models", () => {
  const swapped: SetLogits = { ...oracles[0], test: { ...oracles[0].test, values: oracles[0].test.values.slice() } };
  // Every sample of class 0 is put into class 1.
  labels.test.forEach((label, i) => label === 0 && (swapped.test.values[i * classCount + 1] = 50));
  const { unlearned } = judge(swapped, { marked: { originalLabels, confused: [1, 0] } });
  expect(result(unlearned, "interclass-confusion-share")).toMatchObject({
    verdict: "under-forgotten",
    recipe: furtherMetrics["interclass-confusion-share"].recipe,
  });
  expect(result(unlearned, "interclass-confusion-share").value).toBeGreaterThanOrEqual(0.5);
  expect(result(unlearned, "interclass-confusion-error").value).toBeGreaterThanOrEqual(0.5);
  expect(unlearned.metrics.some(({ name }) => name === "backdoor-success-rate")).toBe(false);
});

test("original labels are recovered where a mislabelled sample is put into the class that it had", () => {
  const forget = { shape: [sizes.forget, classCount], values: new Float32Array(sizes.forget * classCount) };
  // The first 45 get their original label, the others keep the wrong one.
  originalLabels.forEach((label, i) => (forget.values[i * classCount + (i < 45 ? label : labels.forget[i])] = 1));
  const half = Int32Array.from(originalLabels, (label, i) => (i % 2 === 0 ? label : labels.forget[i]));
  const share = (marked: ArrayLike<number>) =>
    result(judge({ ...original, forget }, { marked: { originalLabels: marked } }).unlearned, "original-label-accuracy").value;
  expect(share(originalLabels)).toBe(0.75);
  // Of samples that were labelled rightly there is nothing to recover.
  expect(share(half)).toBe(23 / 30);
  expect(share(labels.forget)).toBeNull();
});

test("nothing of it is measured where nothing was marked", () => {
  const names = judge(original).unlearned.metrics.map(({ name }) => name);
  expect(names.filter((name) => /backdoor|confusion|original-label/.test(name))).toEqual([]);
});

test.each([
  [{ originalLabels: [0] }, "metrics/shape-mismatch"],
  [{ originalLabels: originalLabels.with(0, classCount) }, "metrics/label-out-of-range"],
  [{ originalLabels, target: classCount }, "metrics/bad-argument"],
  [{ originalLabels, confused: [0, -1] as const }, "metrics/bad-argument"],
])("marks that do not fit are refused: %#", (marked, code) => {
  expect(() => judge(original, { marked })).toThrow(refusal(code));
});
