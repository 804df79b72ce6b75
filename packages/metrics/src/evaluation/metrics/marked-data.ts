import { shareResolution } from "../../statistics/standard-error.ts";
import { backdoorSuccessRate } from "../../verification/backdoor.ts";
import { interclassConfusion, type InterclassConfusion } from "../../verification/interclass-confusion.ts";
import { furtherMetrics } from "../further-metrics.ts";
import type { Measurement, ModelMetric } from "../metric.ts";
import type { ModelOutputs } from "../outputs.ts";
import type { Setting } from "../setting.ts";
import { measuredShare } from "./accuracy.ts";

const common = { kind: "model", unit: "share", direction: "match oracles", range: [0, 1] } as const;
const markStays = { below: "over-forgotten", above: "under-forgotten" } as const;

/** Whether the marks of marked data are still in the model; measured where the data was marked. */
export const markedDataMetrics: readonly ModelMetric[] = [
  {
    ...furtherMetrics["backdoor-success-rate"],
    ...common,
    sides: markStays,
    applies: ({ marked }) => marked?.target !== undefined,
    measure({ triggered }, { marked, labels }) {
      const rate = backdoorSuccessRate(triggered!.predictions(), labels.test, marked!.target!);
      return rate === null
        ? null
        : { value: rate, resolution: shareResolution(rate, labels.test.filter((label) => label !== marked!.target).length) };
    },
  },
  confusionMetric("interclass-confusion-error", ({ error }) => error),
  confusionMetric("interclass-confusion-share", ({ confusionShare }) => confusionShare),
  {
    ...common,
    name: "original-label-accuracy",
    version: 1,
    title: "Original labels",
    recipe:
      "Share of the mislabelled samples of the forget set that are put into the class that they had before they were mislabelled; triggers stay in them.",
    sides: { below: "under-forgotten", above: "over-forgotten" },
    applies: ({ marked }) => marked !== null,
    measure: originalLabelAccuracy,
  },
];

function confusionMetric(
  name: "interclass-confusion-error" | "interclass-confusion-share",
  shareOf: (confusion: InterclassConfusion) => number,
): ModelMetric {
  return {
    ...furtherMetrics[name],
    ...common,
    sides: markStays,
    applies: ({ marked }) => marked?.confused !== undefined,
    measure(model, { marked, labels }) {
      const confusion = interclassConfusion(model.test.predictions(), labels.test, marked!.confused!);
      return confusion && measuredShare(shareOf(confusion), confusion.count);
    },
  };
}

function originalLabelAccuracy(model: ModelOutputs, { marked, labels }: Setting): Measurement | null {
  const predicted = model.forget.predictions();
  const mislabelled = Array.from(labels.forget.keys()).filter((i) => labels.forget[i] !== marked!.originalLabels[i]);
  const recovered = mislabelled.filter((i) => predicted[i] === marked!.originalLabels[i]);
  return measuredShare(recovered.length / mislabelled.length, mislabelled.length);
}
