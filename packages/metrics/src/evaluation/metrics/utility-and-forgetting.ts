import { adaptiveUnlearningScore } from "../../scores/adaptive-unlearning.ts";
import { normalisedUnlearningScore } from "../../scores/normalised-unlearning.ts";
import type { ModelMetric } from "../metric.ts";
import { retainedTestAccuracy, setAccuracy } from "./accuracy.ts";
import { logisticAttackAccuracy } from "./logistic-attack.ts";

const description = {
  kind: "model",
  version: 1,
  unit: "score",
  direction: "higher",
  sides: { below: "different from retrained", above: "within oracle band" },
} as const;

/** One-number summaries that mix what was kept with what was forgotten, and need no oracle. */
export const utilityAndForgettingMetrics: readonly ModelMetric[] = [
  {
    ...description,
    name: "adaptive-unlearning-score",
    title: "Adaptive unlearning score (AUS)",
    recipe:
      "One minus the loss of test accuracy since the original model, over one plus the distance of forget accuracy from where it should be: the model's test accuracy, or 0 when a class was forgotten (test accuracies are then of the retained classes).",
    range: [0, 2],
    measure(model, setting) {
      const forget = setAccuracy(model, "forget");
      const test = retainedTestAccuracy(model, setting);
      const originalTest = retainedTestAccuracy(setting.original, setting);
      if (forget === null || test === null || originalTest === null) return null;
      const scenario = setting.forgottenClasses.length === 0 ? "samples" : "class";
      const value = adaptiveUnlearningScore({ unlearned: { forget: forget.value, test: test.value }, originalTest: originalTest.value, scenario });
      return { value, resolution: forget.resolution + test.resolution };
    },
  },
  {
    ...description,
    name: "normalised-unlearning-score",
    title: "Normalised machine unlearning score (NoMUS)",
    recipe: "Mean of test accuracy and of 1 - 2 abs(logistic-attack accuracy - 1/2).",
    range: [0, 1],
    // Without a class, test accuracy and the attack's 1/2 are no longer what a good model should have.
    applies: ({ forgottenClasses }) => forgottenClasses.length === 0,
    measure(model, setting) {
      const test = retainedTestAccuracy(model, setting);
      const attack = logisticAttackAccuracy(model, setting);
      if (test === null || attack === null) return null;
      const value = normalisedUnlearningScore({ test: test.value, attack: attack.value });
      return { value, resolution: test.resolution / 2 + attack.resolution };
    },
  },
];
