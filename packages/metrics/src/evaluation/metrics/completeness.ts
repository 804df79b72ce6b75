import { completeness } from "../../distances/completeness.ts";
import { mean } from "../../statistics/moments.ts";
import { shareResolution } from "../../statistics/standard-error.ts";
import type { ComparisonMetric } from "../metric.ts";

/** Agreement with the oracles' predictions on the forget set. */
export const completenessMetric: ComparisonMetric = {
  kind: "comparison",
  name: "completeness",
  version: 1,
  title: "Completeness",
  recipe:
    "Intersection over union of the (sample, predicted class) pairs of model and oracle on the forget set, a / (2 n - a) for a agreements in n samples; mean over the oracles.",
  unit: "share",
  direction: "higher",
  sides: { below: "different from retrained", above: "within oracle band" },
  range: [0, 1],
  measure(model, references) {
    const toEach = references
      .map((reference) => completeness(model.forget.predictions(), reference.forget.predictions()))
      .filter((result) => result !== null)
      .map(({ intersectionOverUnion }) => intersectionOverUnion);
    const value = mean(toEach);
    return value === null ? null : { value, resolution: shareResolution(value, model.forget.count), toEach };
  },
};
