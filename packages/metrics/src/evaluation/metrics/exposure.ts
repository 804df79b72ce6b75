import { exposureAuc } from "../../membership/exposure.ts";
import { aucResolution } from "../../statistics/standard-error.ts";
import type { ModelMetric } from "../metric.ts";
import { pick } from "../setting.ts";

/** Whether the forget set stands out on either side: the Streisand effect. */
export const exposureMetric: ModelMetric = {
  kind: "model",
  name: "exposure-auc",
  version: 1,
  title: "Exposure, AUC",
  recipe:
    "Probability that a forget sample's margin is farther from the median margin of the unseen samples (test samples of the classes in the forget set) than an unseen sample's, ties counted half.",
  unit: "share",
  direction: "lower",
  sides: { below: "within oracle band", above: "stands out" },
  range: [0, 1],
  measure(model, setting) {
    const value = exposureAuc({ forget: model.forget.margins(), unseen: pick(model.test.margins(), setting.unseen) });
    return value === null ? null : { value, resolution: aucResolution(value, model.forget.count, setting.unseen.length) };
  },
};
