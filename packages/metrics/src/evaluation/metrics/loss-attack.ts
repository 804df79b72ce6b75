import { lossThresholdAttack, negated, type LossThresholdAttack } from "../../membership/loss-threshold.ts";
import { roc, tprAtFpr, type Roc } from "../../membership/roc.ts";
import { aucResolution, shareResolution } from "../../statistics/standard-error.ts";
import type { Measurement, ModelMetric } from "../metric.ts";
import type { ModelOutputs } from "../outputs.ts";
import { pick, type Setting } from "../setting.ts";
import { measuredShare } from "./accuracy.ts";

/** The threshold attack with the halves of this setting. */
function attack(model: ModelOutputs, { halves }: Setting): LossThresholdAttack | null {
  return lossThresholdAttack(
    { members: pick(model.retain.losses(), halves.members), nonMembers: pick(model.test.losses(), halves.nonMembers) },
    { forget: model.forget.losses(), unseen: pick(model.test.losses(), halves.unseen) },
  );
}

/** Share of the forget set that the fitted threshold calls non-members. */
export function lossAttackEfficacy(model: ModelOutputs, setting: Setting): Measurement | null {
  const result = attack(model, setting);
  return result && measuredShare(1 - result.truePositiveRate, model.forget.count);
}

function forgetVersusUnseen(model: ModelOutputs, { unseen }: Setting): Roc | null {
  return roc({ members: negated(model.forget.losses()), nonMembers: negated(pick(model.test.losses(), unseen)) });
}

function tprMetric(percent: number): ModelMetric {
  return {
    ...description,
    name: `loss-attack-tpr-at-${percent}-percent-fpr`,
    title: `Loss attack, TPR at ${percent}% FPR`,
    recipe: `Largest share of the forget set caught by a loss threshold that calls at most ${percent}% of the unseen samples members; no interpolation.`,
    measure(model, setting) {
      const curve = forgetVersusUnseen(model, setting);
      return curve && measuredShare(tprAtFpr(curve, percent / 100), model.forget.count);
    },
  };
}

const description = {
  kind: "model",
  version: 1,
  unit: "share",
  direction: "match oracles",
  sides: { below: "over-forgotten", above: "under-forgotten" },
  range: [0, 1],
} as const;

/**
 * What the loss alone betrays about membership. "Unseen" are the test samples of the classes in the forget set. A screen by one rule for all
 * samples; attacks with shadow models see more.
 */
export const lossAttackMetrics: readonly ModelMetric[] = [
  {
    ...description,
    name: "loss-attack-auc",
    title: "Loss attack, AUC",
    recipe: "Probability that a forget sample has lower loss than an unseen one, ties counted half.",
    measure(model, setting) {
      const curve = forgetVersusUnseen(model, setting);
      return curve && { value: curve.auc, resolution: aucResolution(curve.auc, model.forget.count, setting.unseen.length) };
    },
  },
  tprMetric(1),
  tprMetric(0.1),
  {
    ...description,
    name: "loss-attack-advantage",
    title: "Loss attack, advantage",
    recipe:
      "TPR on the forget set minus FPR on unseen samples, for the loss threshold with the best balanced accuracy between one half of retain and one half of test; the unseen samples are of the other half.",
    range: [-1, 1],
    measure(model, setting) {
      const result = attack(model, setting);
      if (result === null) return null;
      const forget = shareResolution(result.truePositiveRate, model.forget.count);
      const unseen = shareResolution(result.falsePositiveRate, setting.halves.unseen.length);
      return { value: result.advantage, resolution: Math.hypot(forget, unseen) };
    },
  },
  {
    ...description,
    name: "loss-attack-efficacy",
    title: "Loss attack, efficacy",
    recipe:
      "Share of the forget set called non-members by the loss threshold with the best balanced accuracy between one half of retain and one half of test; a one-dimensional stand-in for the SVC confidence attack.",
    sides: { below: "under-forgotten", above: "over-forgotten" },
    measure: lossAttackEfficacy,
  },
];
