import { createRandom, LetheError, type HostTensor } from "@lethe/core";
import { valuesOfSample } from "../shadow/model-scores.ts";
import { decisionRules, errorsOf, type DecisionRule, type RuleErrors } from "./decision-rules.ts";
import { competitionDelta, epsilonOf, upperErrorRate } from "./epsilon.ts";
import { sizesOfPair, splitModels } from "./model-pairs.ts";

export interface CertifiedEpsilonInput {
  /** `[models, samples]` scaled confidences of the forget set under unlearned models. */
  readonly unlearned: HostTensor;
  /** `[models, samples]` under as many retrained models. */
  readonly retrained: HostTensor;
  /** Decides which models choose the rule and which ones test it. */
  readonly seed: number | string;
  /** Left out, 1e-5. */
  readonly delta?: number;
  /** Of each sample's bound by itself. Left out, 0.95. */
  readonly confidence?: number;
}

/**
 * A lower bound for every sample's epsilon that holds with the stated confidence, unlike the competition's epsilon, which picks the luckiest
 * of very many rules on the models that it is computed from.
 *
 * Half of the models of each side choose the rule, the one with the largest `epsilonLowerBound` among those of the competition's grids;
 * the other half test that one rule, and their bound is returned. 0 means "no difference shown", not "no difference". In
 * one sample of twenty the bound may exceed the truth: a largest value over many samples is not certified.
 *
 * @returns `[samples]` float64.
 * @throws LetheError `metrics/shape-mismatch`, `metrics/non-finite-score`, `metrics/too-few-models` below two models a side.
 * @example
 * const constant = (phi: number) => ({ shape: [64, 1], values: new Float64Array(64).fill(phi) });
 * certifiedEpsilons({ unlearned: constant(2), retrained: constant(5), seed: 1 }); // [2.102210]
 * certifiedEpsilons({ unlearned: constant(2), retrained: constant(2), seed: 1 }); // [0]
 */
export function certifiedEpsilons(input: CertifiedEpsilonInput): Float64Array {
  const { unlearned, retrained, seed, delta = competitionDelta, confidence = 0.95 } = input;
  const { modelCount, sampleCount } = sizesOfPair(unlearned, retrained);
  if (modelCount < 2) throw new LetheError("metrics/too-few-models", "Choosing and testing a rule takes two models a side.", { models: modelCount });
  const random = createRandom(seed).split("certified epsilon");
  const [chooseUnlearned, testUnlearned] = splitModels(unlearned, random.split("unlearned"));
  const [chooseRetrained, testRetrained] = splitModels(retrained, random.split("retrained"));
  const modelsPerSide = testUnlearned.shape[0];
  // A sample has many thousand rules, and each makes one of few numbers of errors.
  const rates = Float64Array.from({ length: modelsPerSide + 1 }, (_, errors) => upperErrorRate(errors, modelsPerSide, confidence));
  const bound = ({ falsePositives, falseNegatives }: RuleErrors) => epsilonOf(rates[falsePositives], rates[falseNegatives], delta) ?? 0;
  return Float64Array.from({ length: sampleCount }, (_, j) => {
    let largest = -1;
    let chosen: DecisionRule | null = null;
    for (const rule of decisionRules(valuesOfSample(chooseUnlearned, j).toSorted(), valuesOfSample(chooseRetrained, j).toSorted())) {
      const shown = bound(rule);
      if (shown > largest) {
        largest = shown;
        chosen = rule;
      }
    }
    // The grid of two thresholds is never empty.
    if (chosen === null) return 0;
    return bound(errorsOf(chosen, valuesOfSample(testUnlearned, j), valuesOfSample(testRetrained, j)));
  });
}
