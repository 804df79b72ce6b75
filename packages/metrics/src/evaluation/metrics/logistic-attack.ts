import { logisticAttack } from "../../membership/logistic-attack.ts";
import { shareResolution } from "../../statistics/standard-error.ts";
import type { Measurement, ModelMetric } from "../metric.ts";
import type { ModelOutputs } from "../outputs.ts";
import { pick, type Setting } from "../setting.ts";

/** Accuracy of the logistic attack between forget and unseen samples. */
export function logisticAttackAccuracy(model: ModelOutputs, { unseen, seed }: Setting): Measurement | null {
  const attack = logisticAttack({ forget: model.forget.losses(), unseen: pick(model.test.losses(), unseen) }, { seed });
  if (attack === null) return null;
  const { accuracy } = attack;
  return { value: accuracy, resolution: shareResolution(accuracy, 2 * Math.min(model.forget.count, unseen.length)) };
}

/** The attack of the NeurIPS challenge's starting kit. */
export const logisticAttackMetric: ModelMetric = {
  kind: "model",
  name: "logistic-attack-accuracy",
  version: 1,
  title: "Logistic attack on the loss, accuracy",
  recipe:
    "Mean accuracy, over 10 stratified splits with a tenth held out, of logistic regression (C = 1) on the loss between forget and unseen samples (test samples of the classes in the forget set), the larger side cut down at random.",
  unit: "share",
  direction: "lower",
  sides: { below: "within oracle band", above: "stands out" },
  range: [0, 1],
  measure: logisticAttackAccuracy,
};
