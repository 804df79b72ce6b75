import type { Metric } from "./metric.ts";
import { accuracyMetrics } from "./metrics/accuracy.ts";
import { completenessMetric } from "./metrics/completeness.ts";
import { distanceMetrics } from "./metrics/distances.ts";
import { entropyAttackMetrics } from "./metrics/entropy-attack.ts";
import { exposureMetric } from "./metrics/exposure.ts";
import { gapScoreMetrics } from "./metrics/gap-scores.ts";
import { intervalAttackMetric } from "./metrics/interval-attack.ts";
import { logisticAttackMetric } from "./metrics/logistic-attack.ts";
import { lossAttackMetrics } from "./metrics/loss-attack.ts";
import { markedDataMetrics } from "./metrics/marked-data.ts";
import { svcAttackMetric } from "./metrics/svc-attack.ts";
import { utilityAndForgettingMetrics } from "./metrics/utility-and-forgetting.ts";
import { zeroRetrainForgettingMetric } from "./metrics/zero-retrain-forgetting.ts";

/** What `evaluate` measures unless told otherwise, in the order of the report. */
export const standardMetrics: readonly Metric[] = [
  ...accuracyMetrics,
  ...markedDataMetrics,
  ...lossAttackMetrics,
  ...entropyAttackMetrics,
  svcAttackMetric,
  logisticAttackMetric,
  exposureMetric,
  intervalAttackMetric,
  ...distanceMetrics,
  completenessMetric,
  zeroRetrainForgettingMetric,
  ...gapScoreMetrics,
  ...utilityAndForgettingMetrics,
];
