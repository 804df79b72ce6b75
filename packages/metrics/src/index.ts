/**
 * How well a model forgot. Everything works on numbers in host memory (logits `[n, c]` and labels), in float64, without touching a
 * tensor backend. `outputs/` turns logits into losses, entropies, margins and accuracies; `membership/` holds attacks; `distances/` compares the outputs of
 * two models, `representation/` their weights and features; `scores/` are one-number summaries; `dynamics/` is about learning again (where `relearnCurve`
 * alone does use a backend), `verification/` about marked data, `cost/` about time and memory; `statistics/` and `verdict/` place a value in the band of
 * retrained models; `shadow/` and `distributions/` hold audits that compare many models; `evaluation/` assembles all of it into one report. Where a value
 * does not exist (a class without samples, an empty set) it is null, never 0 or NaN.
 */
export { accuracy, accuracyPerClass, predictions } from "./outputs/accuracy.ts";
export { crossEntropy } from "./outputs/cross-entropy.ts";
export { entropy } from "./outputs/entropy.ts";
export { margin } from "./outputs/margin.ts";
export type { Matrix } from "./outputs/matrix.ts";
export { logSoftmax, softmax } from "./outputs/softmax.ts";

export { entropyAttack, type EntropyAttack, type EntropyAttackInput } from "./membership/entropy-attack.ts";
export { exposureAuc, type ExposureInput } from "./membership/exposure.ts";
export { membershipFeature, modifiedEntropy, type MembershipFeature } from "./membership/features.ts";
export {
  logisticAttack,
  logisticAttackOnSplits,
  type HeldOut,
  type LogisticAttack,
  type LogisticAttackInput,
  type LogisticAttackOptions,
  type LogisticSplit,
} from "./membership/logistic-attack.ts";
export { intervalAttack, type IntervalAttack, type IntervalAttackInput, type IntervalRule } from "./membership/interval-attack.ts";
export { fitLogisticRegression, type LogisticModel } from "./membership/logistic-regression.ts";
export {
  fitLossThreshold,
  lossThresholdAttack,
  type AttackedLosses,
  type KnownLosses,
  type LossThresholdAttack,
} from "./membership/loss-threshold.ts";
export { largestAdvantage, roc, tprAtFpr, type AttackScores, type Roc } from "./membership/roc.ts";
export { fitSupportVectorMachine, type SupportVectorMachine, type SupportVectorOptions } from "./membership/support-vector-machine.ts";
export { svcAttack, type SvcAttack, type SvcAttackInput } from "./membership/svc-attack.ts";
export { thresholdEfficacy, type ThresholdEfficacyInput } from "./membership/threshold-efficacy.ts";

export { activationDistance, activationDistanceL1 } from "./distances/activation.ts";
export { completeness, type Completeness } from "./distances/completeness.ts";
export { disagreement } from "./distances/disagreement.ts";
export { jsDistance, jsDivergence } from "./distances/jensen-shannon.ts";
export { klDivergence } from "./distances/kullback-leibler.ts";
export { predictionDistance } from "./distances/prediction-distance.ts";
export { zeroRetrainForgetting, type ZeroRetrainForgetting } from "./distances/zero-retrain-forgetting.ts";

export { debiasedLinearCka, linearCka } from "./representation/centred-kernel-alignment.ts";
export { informationBound, type InformationBound, type WeightDistribution } from "./representation/information-bound.ts";
export { weightDistance, type WeightDistance } from "./representation/weight-distance.ts";

export { anamnesisIndex, type AnamnesisIndex, type AnamnesisInput } from "./dynamics/anamnesis-index.ts";
export { relearnCurve, type RelearnCurve, type RelearnInput } from "./dynamics/relearn-curve.ts";
export { relearnTime, type Curve, type RelearnTarget, type RelearnTime } from "./dynamics/relearn-time.ts";

export { backdoorSuccessRate, deletionTest, type DeletionTest, type DeletionTestInput } from "./verification/backdoor.ts";
export { verifyDeletion, type DeletionVerification, type DeletionVerificationInput } from "./verification/verify-deletion.ts";
export { interclassConfusion, type InterclassConfusion } from "./verification/interclass-confusion.ts";

export { costRecord, type CostFigure, type CostInput } from "./cost/cost-record.ts";

export { adaptiveUnlearningScore, type AdaptiveUnlearningInput } from "./scores/adaptive-unlearning.ts";
export { averageGap, type Accuracies, type AccuraciesAndAttack } from "./scores/gap.ts";
export { indiscernibility } from "./scores/indiscernibility.ts";
export { normalisedUnlearningScore, type NormalisedUnlearningInput } from "./scores/normalised-unlearning.ts";
export { retention, symmetricAbsolutePercentageError } from "./scores/relative.ts";
export { tugOfWar, tugOfWarWithAttack } from "./scores/tug-of-war.ts";

export { clopperPearson, type ClopperPearsonInput } from "./statistics/clopper-pearson.ts";
export { clusterBootstrap, type ClusterBootstrap, type ClusterBootstrapOptions } from "./statistics/cluster-bootstrap.ts";
export { equivalenceTest, type EquivalenceInput, type EquivalenceTest } from "./statistics/equivalence-test.ts";
export { meanInterval, predictionInterval, type Interval } from "./statistics/intervals.ts";
export { mean, median, standardDeviation } from "./statistics/moments.ts";
export { aucResolution, meanResolution, shareResolution } from "./statistics/standard-error.ts";
export { studentTQuantile } from "./statistics/student-t.ts";

export { oracleBand, oraclesNeeded, type OracleValues } from "./verdict/band.ts";
export { utilityLost, type UtilityInput } from "./verdict/utility-guard.ts";
export { verdictOf, type Sides, type Verdict } from "./verdict/verdict.ts";

export { attackRecords, type AttackEvidence } from "./shadow/attack-records.ts";
export type { Gaussians, VarianceEstimate } from "./shadow/gaussians.ts";
export { fitLira, liraScores, offlineLiraScores, splitByMembership, type GaussianOptions, type Lira, type ShadowScores } from "./shadow/lira.ts";
export { memorisation, memorisationStrata, type MemorisationInput, type MemorisationStrata } from "./shadow/memorisation.ts";
export { planShadows, type PlannedModel, type ShadowPlan, type ShadowPlanCost, type ShadowPlanInput } from "./shadow/plan.ts";
export { rmiaScores, type RmiaInput, type RmiaOptions, type RmiaProbabilities } from "./shadow/rmia.ts";
export type { RmiaPrior } from "./shadow/rmia-prior.ts";
export { tuneRmia, type RmiaTuningInput, type TunedRmia } from "./shadow/rmia-tuning.ts";
export { membersOfModels, rolesOfRuns, type RunRoles } from "./shadow/roles.ts";
export type { OutcomeEvidence } from "./shadow/outcome-records.ts";
export type { RunsWithPopulation } from "./shadow/runs-outside.ts";
export { uLira, type ULira, type ULiraInput } from "./shadow/u-lira.ts";
export { uLiraRecords, type ULiraEvidence } from "./shadow/u-lira-records.ts";
export type { UnlearnedScores, UnlearnedTargets } from "./shadow/unlearning-cases.ts";
export { shareHistogram, type UnlearningOutcome } from "./shadow/unlearning-outcome.ts";
export { unlearningRmia, type UnlearningRmia, type UnlearningRmiaInput } from "./shadow/unlearning-rmia.ts";
export { rmiaRecords, type RmiaEvidence } from "./shadow/unlearning-rmia-records.ts";

export { certifiedEpsilons, type CertifiedEpsilonInput } from "./distributions/certified-epsilon.ts";
export { epsilonLowerBound, type EpsilonBoundInput } from "./distributions/epsilon.ts";
export {
  forgettingCeiling,
  forgettingScore,
  type ForgettingCeiling,
  type ForgettingScore,
  type ForgettingScoreInput,
  type ModelAccuracies,
  type SplitOptions,
} from "./distributions/forgetting-score.ts";
export type { KlomEdges } from "./distributions/histogram-divergence.ts";
export { klom, klomFloor, type Klom, type KlomDirection, type KlomFloor, type KlomInput } from "./distributions/klom.ts";
export { forgettingScoreRecords, klomRecords } from "./distributions/records.ts";

export { evaluate, type EvaluationInput, type SetLogits } from "./evaluation/evaluate.ts";
export type { MarkedData } from "./evaluation/marked.ts";
export type { Flag, FlagCode } from "./evaluation/flags.ts";
export type { ComparisonMetric, Direction, Measurement, Metric, ModelMetric, SetName } from "./evaluation/metric.ts";
export { furtherMetrics } from "./evaluation/further-metrics.ts";
export type { ModelOutputs, SetOutputs } from "./evaluation/outputs.ts";
export type { Evaluation, EvaluationRow, MetricResult } from "./evaluation/report.ts";
export type { ResultRecord } from "./evaluation/result-record.ts";
export { recordOverRuns, type MetricIdentity, type RunValues } from "./evaluation/run-record.ts";
export type { Setting } from "./evaluation/setting.ts";
export { standardMetrics } from "./evaluation/standard-metrics.ts";
