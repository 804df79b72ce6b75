import { averageGap, type AccuraciesAndAttack } from "../../scores/gap.ts";
import { tugOfWar } from "../../scores/tug-of-war.ts";
import { mean } from "../../statistics/moments.ts";
import type { ComparisonMetric } from "../metric.ts";
import type { ModelOutputs } from "../outputs.ts";
import type { Setting } from "../setting.ts";
import { retainedTestAccuracy, setAccuracy } from "./accuracy.ts";
import { lossAttackEfficacy } from "./loss-attack.ts";

interface Scores {
  readonly values: AccuraciesAndAttack;
  readonly resolutions: AccuraciesAndAttack;
}

function scoresOf(model: ModelOutputs, setting: Setting): Scores | null {
  const forget = setAccuracy(model, "forget");
  const retain = setAccuracy(model, "retain");
  const test = retainedTestAccuracy(model, setting);
  const attack = lossAttackEfficacy(model, setting);
  if (forget === null || retain === null || test === null || attack === null) return null;
  return {
    values: { forget: forget.value, retain: retain.value, test: test.value, attack: attack.value },
    resolutions: { forget: forget.resolution, retain: retain.resolution, test: test.resolution, attack: attack.resolution },
  };
}

function meanOf(scores: readonly Scores[]): AccuraciesAndAttack {
  const average = (name: keyof AccuraciesAndAttack) => mean(scores.map(({ values }) => values[name])) as number;
  return { forget: average("forget"), retain: average("retain"), test: average("test"), attack: average("attack") };
}

/** Measures a model's scores against the mean scores of the references. */
function against(score: (unlearned: AccuraciesAndAttack, oracle: AccuraciesAndAttack) => number, resolution: (parts: AccuraciesAndAttack) => number) {
  const measure: ComparisonMetric["measure"] = (model, references, setting) => {
    const own = scoresOf(model, setting);
    const others = references.map((reference) => scoresOf(reference, setting)).filter((scores) => scores !== null);
    if (own === null || others.length < references.length) return null;
    return { value: score(own.values, meanOf(others)), resolution: resolution(own.resolutions) };
  };
  return measure;
}

/** One-number summaries of how far the accuracies are from the oracles'; the test accuracy is that of retained classes. */
export const gapScoreMetrics: readonly ComparisonMetric[] = [
  {
    kind: "comparison",
    name: "average-gap",
    version: 1,
    title: "Average gap",
    recipe:
      "Mean of the absolute differences from the oracles' means in forget, retain and test accuracy and in loss-attack efficacy, as shares; the usual table has the SVC confidence attack in the last place.",
    unit: "score",
    direction: "lower",
    sides: { below: "within oracle band", above: "different from retrained" },
    range: [0, 1],
    measure: against(averageGap, ({ forget, retain, test, attack }) => (forget + retain + test + attack) / 4),
  },
  {
    kind: "comparison",
    name: "tug-of-war",
    version: 1,
    title: "Tug-of-War",
    recipe: "Product over forget, retain and test set of 1 - abs(accuracy - the oracles' mean accuracy).",
    unit: "score",
    direction: "higher",
    sides: { below: "different from retrained", above: "within oracle band" },
    range: [0, 1],
    measure: against(tugOfWar, ({ forget, retain, test }) => forget + retain + test),
  },
];
