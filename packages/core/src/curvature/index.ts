/**
 * Curvature: second-order matrices over a model's parameters, known by what they do to a vector. `hessian`, `generalisedGaussNewton`,
 * `empiricalFisher` and `trueFisher` are exact sums over a data set at fixed parameters, one batch in memory at a time, float32 within a batch and
 * float64 between them; `dampedCurvature` and `combineCurvature` make new ones of them, and `toLinearOperator` hands any of them to the solvers of
 * `@lethe/core/linalg`. What can be had of them: products, `diagonal`, `blockDiagonal`, `denseMatrix`, and the `kroneckerFactors` of K-FAC.
 */
export { flattenTree, unflattenTree, type ParameterShapes } from "./flatten.ts";
export type { CurvatureOperator } from "./operator.ts";
export type { CurvatureOptions } from "./options.ts";
export { outputLoss, type OutputLoss, type SampledGradients } from "./output-loss.ts";

export { hessian } from "./hessian.ts";
export { generalisedGaussNewton } from "./gauss-newton.ts";
export { flatLoss, type FlatLoss, type FlatLossOptions, type ModelLoss, type SampleChoice, type ValueAndGradient } from "./flat-loss.ts";
export { scopedLosses, type ParameterScope, type ScopedLosses } from "./scoped-losses.ts";
export { empiricalFisher, trueFisher, type TrueFisherOptions } from "./fisher.ts";
export type { SampledLabels } from "./sampled-labels.ts";
export { combineCurvature, dampedCurvature, type CurvatureTerm } from "./combine.ts";

export { denseMatrix } from "./dense.ts";
export { diagonal, type Diagonal } from "./diagonal.ts";
export { blockDiagonal, layerBlocks, type ParameterBlock } from "./block-diagonal.ts";
export { kroneckerFactors, type KroneckerFactor, type KroneckerOptions } from "./kronecker-factors.ts";
export { dampKroneckerFactor, inverseKroneckerOperator, kroneckerOperator } from "./kronecker.ts";
