import { entropyAttack } from "../../membership/entropy-attack.ts";
import { negated } from "../../membership/loss-threshold.ts";
import { roc } from "../../membership/roc.ts";
import { aucResolution } from "../../statistics/standard-error.ts";
import type { ModelMetric } from "../metric.ts";
import { pick } from "../setting.ts";
import { measuredShare } from "./accuracy.ts";

const description = {
  kind: "model",
  version: 1,
  unit: "share",
  direction: "match oracles",
  sides: { below: "over-forgotten", above: "under-forgotten" },
  range: [0, 1],
} as const;

/** What the entropy of the output betrays about membership; needs no labels. */
export const entropyAttackMetrics: readonly ModelMetric[] = [
  {
    ...description,
    name: "entropy-attack-auc",
    title: "Entropy attack, AUC",
    recipe:
      "Probability that a forget sample has lower output entropy than an unseen one (test samples of the classes in the forget set), ties counted half.",
    measure(model, setting) {
      const curve = roc({ members: negated(model.forget.entropies()), nonMembers: negated(pick(model.test.entropies(), setting.unseen)) });
      return curve && { value: curve.auc, resolution: aucResolution(curve.auc, model.forget.count, setting.unseen.length) };
    },
  },
  {
    ...description,
    name: "entropy-attack-ssd",
    title: "Entropy attack as published with SSD",
    recipe:
      "Share of the forget set called members by balanced logistic regression (C = 2, binary) on the output entropy, fitted with all retain samples as members and all test samples as non-members.",
    measure(model) {
      const result = entropyAttack({ retain: model.retain.entropies(), test: model.test.entropies(), forget: model.forget.entropies() });
      return result && measuredShare(result.forgetMembers, model.forget.count);
    },
  },
];
