import { activationDistance } from "../../distances/activation.ts";
import { disagreement } from "../../distances/disagreement.ts";
import { jsDistance, jsDivergence } from "../../distances/jensen-shannon.ts";
import { klDivergence } from "../../distances/kullback-leibler.ts";
import { mean } from "../../statistics/moments.ts";
import { meanResolution } from "../../statistics/standard-error.ts";
import { setNames, type ComparisonMetric, type Measurement, type SetName } from "../metric.ts";
import type { SetOutputs } from "../outputs.ts";

interface Distance {
  readonly name: string;
  readonly title: string;
  readonly recipe: string;
  readonly unit: "nats" | "distance" | "share";
  readonly largest: number;
  /** What a single, wholly different sample adds to the sum over samples. */
  readonly oneSample: number;
  perSample(model: SetOutputs, oracle: SetOutputs): Float64Array;
}

const distances: readonly Distance[] = [
  {
    name: "kl-divergence",
    title: "KL divergence",
    recipe: "KL(oracle || model) of the softmax outputs in nats, probabilities in logarithms raised to 1e-12",
    unit: "nats",
    largest: -Math.log(1e-12),
    // Unbounded in principle and 27.6 by the clamp; one nat is the chosen worth of a sample.
    oneSample: 1,
    perSample: (model, oracle) => klDivergence(oracle.probabilities(), model.probabilities()),
  },
  {
    name: "js-divergence",
    title: "Jensen-Shannon divergence",
    recipe: "Jensen-Shannon divergence of the softmax outputs in nats, at most log 2",
    unit: "nats",
    largest: Math.LN2,
    oneSample: Math.LN2,
    perSample: (model, oracle) => jsDivergence(model.probabilities(), oracle.probabilities()),
  },
  {
    name: "js-distance",
    title: "Jensen-Shannon distance",
    recipe: "Square root, per sample, of the Jensen-Shannon divergence of the softmax outputs in nats",
    unit: "distance",
    largest: Math.sqrt(Math.LN2),
    oneSample: Math.sqrt(Math.LN2),
    perSample: (model, oracle) => jsDistance(model.probabilities(), oracle.probabilities()),
  },
  {
    name: "activation-distance",
    title: "Activation distance",
    recipe: "Euclidean (L2) distance of the softmax outputs",
    unit: "distance",
    largest: Math.SQRT2,
    oneSample: Math.SQRT2,
    perSample: (model, oracle) => activationDistance(model.probabilities(), oracle.probabilities()),
  },
  {
    name: "disagreement",
    title: "Disagreement",
    recipe: "1 where the predicted classes differ, else 0",
    unit: "share",
    largest: 1,
    oneSample: 1,
    perSample: (model, oracle) => disagreement(model.predictions(), oracle.predictions()),
  },
];

function measure(distance: Distance, model: SetOutputs, references: readonly SetOutputs[]): Measurement | null {
  if (model.count === 0) return null;
  const sums = new Float64Array(model.count);
  const toEach = references.map((reference) => {
    const values = distance.perSample(model, reference);
    values.forEach((value, i) => (sums[i] += value));
    return mean(values) as number;
  });
  const perSample = sums.map((sum) => sum / references.length);
  return { value: mean(perSample) as number, resolution: meanResolution(perSample, distance.oneSample), toEach };
}

function onSet(distance: Distance, set: SetName): ComparisonMetric {
  return {
    kind: "comparison",
    name: `${distance.name}-${set}`,
    version: 1,
    title: `${distance.title}, ${set}`,
    recipe: `${distance.recipe}; mean over the ${set} set, then over the oracles.`,
    unit: distance.unit,
    direction: "lower",
    sides: { below: "within oracle band", above: "different from retrained" },
    range: [0, distance.largest],
    measure: (model, references) =>
      measure(
        distance,
        model[set],
        references.map((reference) => reference[set]),
      ),
  };
}

/** Distances in output space between a model and the oracles, on each of the three sets. */
export const distanceMetrics: readonly ComparisonMetric[] = distances.flatMap((distance) => setNames.map((set) => onSet(distance, set)));
