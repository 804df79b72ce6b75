import { LetheError, type HostTensor } from "@lethe/core";
import { accuracyPerClass } from "../outputs/accuracy.ts";
import { checkLabels, sizesOfLogits } from "../outputs/matrix.ts";
import { softmax } from "../outputs/softmax.ts";
import { evaluationFlags, verdictFlags } from "./flags.ts";
import { createJudge } from "./judge.ts";
import { checkMarked, type MarkedData } from "./marked.ts";
import { setNames, type Metric, type SetName } from "./metric.ts";
import { createSetOutputs, type ModelOutputs, type SetOutputs } from "./outputs.ts";
import type { Evaluation, EvaluationRow } from "./report.ts";
import { createSetting, type Setting } from "./setting.ts";
import { standardMetrics } from "./standard-metrics.ts";
import { utilityFlags } from "./utility.ts";

/**
 * Logits of one model on the three sets, each `[n of the set, c]`, in evaluation mode and without augmentation; and on the test set with a trigger in every sample, where the
 * training data was marked by one.
 */
export type SetLogits = Readonly<Record<SetName, HostTensor>> & { readonly triggered?: HostTensor };

export interface EvaluationInput {
  /** Class of every sample of the three sets. */
  readonly labels: Readonly<Record<SetName, ArrayLike<number>>>;
  /** The model before unlearning. */
  readonly original: SetLogits;
  /** The model to judge. */
  readonly unlearned: SetLogits;
  /** Models retrained without the forget set, each with a seed of its own. */
  readonly oracles: readonly SetLogits[];
  /** In a class scenario, the classes that were to be forgotten: their test samples then count as forgotten, not as utility. */
  readonly forgottenClasses?: readonly number[];
  /**
   * Logits of untrained networks on the forget set, each `[n of forget, c]` and with a seed of its own, for zero-retrain forgetting; five or more. Default none, and
   * then that metric is left out.
   */
  readonly untrained?: readonly HostTensor[];
  /** How the training data was marked, if it was: what the marks still do is then measured too. */
  readonly marked?: MarkedData;
  /** Draws the halves for the loss threshold, and the samples and splits of the other attacks; the same for all models. Default 0. */
  readonly seed?: number;
  /** Default {@link standardMetrics}. */
  readonly metrics?: readonly Metric[];
}

/**
 * Judges an unlearned model by every metric, each beside the original model and the band of the retrained ones.
 *
 * Rows of the three sets must be in the same order for all models. Sets may be empty: what needs them is then `"not defined"`. With K oracles the
 * work is K^2 comparisons of outputs; everything is float64 on the host and synchronous.
 *
 * To check the metrics themselves, pass a retrained model that is not among the oracles as `unlearned`: it should come out within the bands,
 * but for one value in twenty.
 *
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-logits`, `metrics/label-out-of-range`, `metrics/bad-argument`.
 * @example
 * const logits = (...values: number[]) => ({ shape: [values.length / 2, 2], values: new Float32Array(values) });
 * const sharp = { retain: logits(4, 0, 0, 4), forget: logits(4, 0), test: logits(4, 0, 0, 4) };
 * const vague = { retain: logits(4, 0, 0, 4), forget: logits(0, 1), test: logits(4, 0, 0, 4) };
 * const labels = { retain: [0, 1], forget: [0], test: [0, 1] };
 * const evaluation = evaluate({ labels, original: sharp, unlearned: sharp, oracles: [vague, vague, vague] });
 * evaluation.unlearned.metrics[0].name; // "forget-accuracy"
 * evaluation.unlearned.metrics[0].value; // 1
 * evaluation.unlearned.metrics[0].target; // 0
 */
export function evaluate(input: EvaluationInput): Evaluation {
  const { seed = 0, forgottenClasses = [], oracles: oracleLogits, untrained = [], marked = null } = input;
  const classCount = sizesOfLogits(input.original.retain, "the retain logits of the original model").classCount;
  if (classCount < 2) {
    throw new LetheError("metrics/shape-mismatch", "Logits of one column hold no choice between classes; give a two-class model two columns.", {
      classCount,
    });
  }
  const labels = mapSets((set) => Int32Array.from(input.labels[set]));
  if (marked !== null) checkMarked(marked, labels.forget.length, classCount);
  const outputsOf = (logits: SetLogits, model: string): ModelOutputs => {
    const sets = mapSets((set) => {
      check(logits[set], labels[set], classCount, `the ${set} logits of ${model}`);
      return createSetOutputs(logits[set], labels[set]);
    });
    return marked?.target === undefined ? sets : { ...sets, triggered: triggeredOutputs(logits, labels.test, classCount, model) };
  };
  const original = outputsOf(input.original, "the original model");
  const unlearned = outputsOf(input.unlearned, "the unlearned model");
  const oracles = oracleLogits.map((logits, k) => outputsOf(logits, `oracle ${k}`));
  const models = { original, oracles };
  untrained.forEach((logits, k) => check(logits, labels.forget, classCount, `the forget logits of untrained network ${k}`));
  const setting: Setting = { ...createSetting(labels, classCount, forgottenClasses, seed), original, untrained: untrained.map(softmax), marked };
  const judges = (input.metrics ?? standardMetrics)
    .filter((metric) => metric.applies?.(setting) ?? true)
    .map((metric) => createJudge(metric, models, setting));

  const row = (model: ModelOutputs): EvaluationRow => {
    const metrics = judges.map((judge) => judge(model));
    return {
      metrics,
      testAccuracyPerClass: accuracyPerClass(model.test.predictions(), labels.test, classCount),
      flags: [...utilityFlags(model, models, setting), ...verdictFlags(metrics)],
    };
  };
  const doNothing = row(original);
  return {
    format: "lethe/evaluation",
    version: 1,
    scenario: forgottenClasses.length === 0 ? "samples" : "class",
    forgottenClasses: [...forgottenClasses],
    classCount,
    sampleCounts: { retain: labels.retain.length, forget: labels.forget.length, test: labels.test.length },
    oracleCount: oracles.length,
    seed,
    unlearned: row(unlearned),
    doNothing,
    flags: evaluationFlags(doNothing.metrics, oracles.length, anyIdentical(oracleLogits)),
  };
}

function mapSets<Value>(body: (set: SetName) => Value): Record<SetName, Value> {
  return { retain: body("retain"), forget: body("forget"), test: body("test") };
}

function triggeredOutputs({ triggered }: SetLogits, labels: Int32Array, classCount: number, model: string): SetOutputs {
  if (triggered === undefined) {
    const sentence = `The marked data has a trigger, but there are no logits of ${model} on the triggered test set; give them as triggered.`;
    throw new LetheError("metrics/bad-argument", sentence, { model });
  }
  check(triggered, labels, classCount, `the triggered logits of ${model}`);
  return createSetOutputs(triggered, labels);
}

function check(logits: HostTensor, labels: Int32Array, classCount: number, subject: string): void {
  const sizes = sizesOfLogits(logits, subject);
  if (sizes.classCount !== classCount) {
    throw new LetheError("metrics/shape-mismatch", `In ${subject} there are ${sizes.classCount} classes where ${classCount} are needed.`, {
      subject,
    });
  }
  checkLabels(labels, sizes.count, classCount, subject);
}

function anyIdentical(oracles: readonly SetLogits[]): boolean {
  const equal = (a: SetLogits, b: SetLogits) => setNames.every((set) => a[set].values.every((value, i) => value === b[set].values[i]));
  return oracles.some((oracle, k) => oracles.slice(k + 1).some((other) => equal(oracle, other)));
}
