/**
 * Linear algebra in float64 on the host, for matrices that are known by their products as well as for those in memory. `LinearOperator` is what every
 * solver takes: a Hessian, a Fisher matrix, a sum of such. Systems: `conjugateGradients`, `minres`, `neumann`, `cholesky`, `woodFisherInverse`.
 * Spectra: `symmetricEigen` (`symmetricEigenAsync` for large ones), `singularValueDecomposition`, `lanczos`, `extremeEigenpairs`, `spectralDensity`, and the randomised `estimateTrace` and
 * `estimateDiagonal`. The cubic-regularised Newton step: `cubicExact`, `cubicKrylov`, `cubicGradientDescent`, `cauchyPoint`. Arguments are never
 * changed and results are the caller's. What a solver ran into is a status beside the best result there is; what was asked wrongly, or is not a
 * number, is an error. Nothing here touches a tensor backend.
 */
export { matrixFromRows, rowOf, symmetrise, type Matrix } from "./matrix.ts";
export { damped, denseOperator, scaledOperator, sumOperator, type LinearOperator } from "./operator.ts";

export { cholesky, choleskySolve, logDeterminant, type CholeskyFactor } from "./cholesky.ts";
export { conjugateGradients, type ConjugateGradientsOptions, type ConjugateGradientsResult } from "./conjugate-gradients.ts";
export { minres, type MinresOptions, type MinresResult } from "./minres.ts";
export { neumann, type NeumannOptions, type NeumannResult } from "./neumann.ts";
export { woodFisherInverse, woodFisherOperator, type GradientStream, type WoodFisherOptions } from "./wood-fisher.ts";

export {
  extremeEigenpairs,
  lanczos,
  type Eigenpair,
  type ExtremeEigenpairs,
  type ExtremeEigenpairsOptions,
  type LanczosDecomposition,
} from "./lanczos.ts";
export { jacobiEigen } from "./jacobi.ts";
export { symmetricEigen, symmetricEigenvalues, symmetricEigenAsync, type EigenOptions, type SymmetricEigen } from "./symmetric-eigen.ts";
export { singularValueDecomposition, type SingularValueDecomposition } from "./svd.ts";
export { spectralDensity, traceOfFunction, type Quadrature, type SpectralDensity, type SpectralDensityOptions } from "./spectral-density.ts";
export { estimateDiagonal, estimateTrace, type DiagonalEstimate, type ProbeOptions } from "./hutchinson.ts";
export { type PauseOptions } from "./pieces.ts";
export { type Estimate } from "./estimate.ts";

export { cauchyPoint, type CauchyPoint } from "./cubic/cauchy.ts";
export { cubicExact, type CubicExactOptions, type CubicExactSolution } from "./cubic/exact.ts";
export {
  cubicGradientDescent,
  type CubicGradientDescentOptions,
  type CubicGradientDescentSolution,
  type CubicGradientDescentStatus,
} from "./cubic/gradient-descent.ts";
export { cubicKrylov, type CubicKrylovOptions, type CubicKrylovSolution, type CubicKrylovStatus } from "./cubic/krylov.ts";
export { cubicModelValue, type CubicResiduals, type CubicSolution } from "./cubic/model.ts";
