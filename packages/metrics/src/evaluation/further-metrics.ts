import type { MetricIdentity } from "./run-record.ts";

const described = {
  "tug-of-war-with-attack": {
    title: "Tug-of-War with an attack (ToW-MIA)",
    recipe:
      "(1 - dM)(1 - dR)(1 - dT), d the absolute difference from the oracles' mean in attack efficacy, retain and test accuracy, as shares; the attack is named beside it.",
    unit: "score",
    direction: "higher",
  },
  indiscernibility: {
    title: "Indiscernibility",
    recipe: "1 - 2 abs(a - 1/2), a the accuracy of a membership attack on two sets of equal size.",
    unit: "score",
    direction: "match oracles",
  },
  "prediction-distance": {
    title: "Prediction distance",
    recipe: "Share of the forget set on which one of model and oracle is right and the other one wrong; the published distance is the sum instead.",
    unit: "share",
    direction: "lower",
  },
  "activation-distance-l1": {
    title: "Activation distance, L1",
    recipe: "Mean over the forget set of the L1 norm of the difference of the softmax outputs of model and oracle, at most 2.",
    unit: "distance",
    direction: "lower",
  },
  "weight-distance": {
    title: "Weight distance",
    recipe: "Over all trainable weights together, norm2(w_u - w_r) / norm2(w_r); batch-norm statistics not included.",
    unit: "distance",
    direction: "match oracles",
  },
  "linear-cka": {
    title: "Linear CKA",
    recipe:
      "For one layer's features of model and oracle with centred columns, norm_F(Y^T X)^2 / (norm_F(X^T X) norm_F(Y^T Y)), the biased estimator.",
    unit: "score",
    direction: "match oracles",
  },
  "debiased-linear-cka": {
    title: "Linear CKA, debiased",
    recipe: "Linear CKA of one layer's features of model and oracle with the unbiased estimator of the Hilbert-Schmidt independence criterion.",
    unit: "score",
    direction: "match oracles",
  },
  "information-bound": {
    title: "Information bound",
    recipe:
      "KL(unlearned || retrained) of independent normal distributions of the weights in nats, with the factor 1/2 that published code leaves out.",
    unit: "nats",
    direction: "lower",
  },
  "anamnesis-index": {
    title: "Anamnesis index (AIN)",
    recipe:
      "Steps until forget accuracy is back within 5% of the original's over those of a retrained model under the same protocol, one step at least; a run that ended too early gives none.",
    unit: "score",
    direction: "match oracles",
  },
  "backdoor-success-rate": {
    title: "Backdoor success rate",
    recipe: "Share of triggered test samples of other classes that are put into the trigger's target class.",
    unit: "share",
    direction: "match oracles",
  },
  "interclass-confusion-error": {
    title: "Interclass confusion, IC-ERR",
    recipe: "Share of the test samples of the two confused classes that are put into any other class than their own.",
    unit: "share",
    direction: "match oracles",
  },
  "interclass-confusion-share": {
    title: "Interclass confusion, FGT-ERR",
    recipe: "Share of the test samples of the two confused classes that are put into the other one of the two; the published number is the count.",
    unit: "share",
    direction: "match oracles",
  },
  "certified-epsilon": {
    title: "Certified epsilon",
    recipe:
      "Mean over the forget set of lower bounds for epsilon at delta = 1e-5, each holding with 95% confidence, from a threshold rule chosen on half of the models and tested on the others.",
    unit: "score",
    direction: "lower",
  },
} as const satisfies Record<string, Omit<MetricIdentity, "name" | "version">>;

type FurtherMetricName = keyof typeof described;

/** Names, versions and recipes of the numbers that plain functions return and `evaluate` does not hold; for {@link recordOverRuns}. */
export const furtherMetrics: Readonly<Record<FurtherMetricName, MetricIdentity>> = Object.fromEntries(
  Object.entries(described).map(([name, description]) => [name, { name, version: 1, ...description }]),
) as unknown as Record<FurtherMetricName, MetricIdentity>;
