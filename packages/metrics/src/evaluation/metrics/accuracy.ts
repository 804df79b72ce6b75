import { shareResolution } from "../../statistics/standard-error.ts";
import type { Measurement, ModelMetric, SetName } from "../metric.ts";
import type { ModelOutputs, SetOutputs } from "../outputs.ts";
import type { Setting } from "../setting.ts";

/** A share of n samples with its resolution; null for n = 0. */
export function measuredShare(share: number, count: number): Measurement | null {
  return count === 0 ? null : { value: share, resolution: shareResolution(share, count) };
}

/** Accuracy over the samples whose label `includes` accepts. */
function accuracyWhere({ labels, predictions }: SetOutputs, includes: (label: number) => boolean): Measurement | null {
  const predicted = predictions();
  let count = 0;
  let correct = 0;
  labels.forEach((label, i) => {
    if (!includes(label)) return;
    count++;
    if (predicted[i] === label) correct++;
  });
  return measuredShare(correct / count, count);
}

/** Accuracy over the test samples that a good unlearned model must still get right: all, but for those of the forgotten classes. */
export function retainedTestAccuracy(model: ModelOutputs, setting: Setting): Measurement | null {
  return accuracyWhere(model.test, (label) => !setting.forgottenClasses.includes(label));
}

export function setAccuracy(model: ModelOutputs, set: SetName): Measurement | null {
  return accuracyWhere(model[set], () => true);
}

const description = { kind: "model", version: 1, unit: "share", range: [0, 1] } as const;

const forgetting = {
  ...description,
  direction: "match oracles",
  sides: { below: "over-forgotten", above: "under-forgotten" },
} as const;

const utility = {
  ...description,
  direction: "higher",
  sides: { below: "worse than oracle band", above: "better than oracle band" },
} as const;

/** Accuracy on the forget, retain and test set; in a class scenario the test set is split into retained and forgotten classes. */
export const accuracyMetrics: readonly ModelMetric[] = [
  {
    ...forgetting,
    name: "forget-accuracy",
    title: "Forget accuracy",
    recipe: "Share of the forget set whose largest logit is at the label. (Unlearning accuracy UA is one minus this.)",
    measure: (model) => setAccuracy(model, "forget"),
  },
  {
    ...forgetting,
    name: "test-accuracy-forgotten-class",
    title: "Test accuracy, forgotten class",
    recipe: "Share of the test samples of the forgotten class, or classes, whose largest logit is at the label.",
    applies: ({ forgottenClasses }) => forgottenClasses.length > 0,
    measure: (model, { forgottenClasses }) => accuracyWhere(model.test, (label) => forgottenClasses.includes(label)),
  },
  {
    ...utility,
    name: "retain-accuracy",
    title: "Retain accuracy",
    recipe: "Share of the retained training samples whose largest logit is at the label.",
    measure: (model) => setAccuracy(model, "retain"),
  },
  {
    ...utility,
    name: "test-accuracy",
    title: "Test accuracy",
    recipe: "Share of the test set whose largest logit is at the label.",
    applies: ({ forgottenClasses }) => forgottenClasses.length === 0,
    measure: (model) => setAccuracy(model, "test"),
  },
  {
    ...utility,
    name: "test-accuracy-retained-classes",
    title: "Test accuracy, retained classes",
    recipe: "Share of the test samples outside the forgotten class, or classes, whose largest logit, over all classes, is at the label.",
    applies: ({ forgottenClasses }) => forgottenClasses.length > 0,
    measure: retainedTestAccuracy,
  },
];
