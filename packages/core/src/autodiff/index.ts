/**
 * Autodiff: gradients of tfjs kernels, registered again so that they can be differentiated once more. One call changes them for the whole
 * process; a table says of every kernel what is known, and a test proves the table.
 */
export { gradientCoverage, type CoverageStatus, type KernelCoverage } from "./coverage.ts";
export { einsumGradient } from "./gradients/einsum.ts";
export { gatherGradient } from "./gradients/gather.ts";
export { batchNormGradient } from "./gradients/normalisation.ts";
export { averagePoolGradient } from "./gradients/pooling.ts";
export { tileGradient } from "./gradients/reductions.ts";
export { hessianVectorProduct } from "./hessian-vector-product.ts";
export { isTwiceDifferentiable, makeTwiceDifferentiable } from "./make-twice-differentiable.ts";
