import { jsDivergence } from "../../distances/jensen-shannon.ts";
import { zeroRetrainForgetting } from "../../distances/zero-retrain-forgetting.ts";
import { meanResolution } from "../../statistics/standard-error.ts";
import type { ModelMetric } from "../metric.ts";

/** Likeness to networks that have learnt nothing; measured where their outputs are given. */
export const zeroRetrainForgettingMetric: ModelMetric = {
  kind: "model",
  name: "zero-retrain-forgetting",
  version: 1,
  title: "Zero-retrain forgetting (ZRF)",
  recipe:
    "One minus the mean Jensen-Shannon divergence, in nats and per sample, between the softmax outputs of the model and of an untrained network on the forget set; mean over the untrained networks. Published code divides by the number of classes as well.",
  unit: "score",
  direction: "match oracles",
  sides: { below: "under-forgotten", above: "over-forgotten" },
  range: [1 - Math.LN2, 1],
  applies: ({ untrained }) => untrained.length > 0,
  measure(model, { untrained }) {
    const p = model.forget.probabilities();
    const result = zeroRetrainForgetting(p, untrained);
    return result && { value: result.value, resolution: meanResolution(jsDivergence(p, untrained[0]), Math.LN2) };
  },
};
