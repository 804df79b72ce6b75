import * as tf from "@tensorflow/tfjs";

/**
 * `proved`: the second derivative agrees with differences of the first one. `piecewise-linear`: the same, and it is zero almost everywhere by
 * the kernel's own inputs; at a kink, one of the two sides is taken. `refused`: the kernel throws, it never gives a wrong number.
 */
export type CoverageStatus = "proved" | "piecewise-linear" | "refused";

export interface KernelCoverage {
  readonly kernel: string;
  readonly status: CoverageStatus;
  /** Why a kernel is refused. */
  readonly reason?: string;
}

const proved = new Set(
  [
    [tf.Acos, tf.Acosh, tf.Asin, tf.Asinh, tf.Atan, tf.Atan2, tf.Atanh, tf.Cos, tf.Cosh, tf.Sin, tf.Sinh, tf.Tan],
    [tf.Elu, tf.Erf, tf.Exp, tf.Expm1, tf.Log, tf.Log1p, tf.Selu, tf.Sigmoid, tf.Softmax, tf.Softplus, tf.Tanh],
    [tf.Pow, tf.Prelu, tf.RealDiv, tf.Reciprocal, tf.Rsqrt, tf.Sqrt, tf.Square, tf.SquaredDifference],
    [tf.Add, tf.AddN, tf.Multiply, tf.Neg, tf.Sub, tf.BatchMatMul, tf.Einsum, tf.Cumsum, tf.Mean, tf.Prod, tf.Sum, tf.UnsortedSegmentSum],
    [tf.Conv2D, tf.Conv2DBackpropFilter, tf.Conv2DBackpropInput],
    [tf.DepthwiseConv2dNative, tf.DepthwiseConv2dNativeBackpropFilter, tf.DepthwiseConv2dNativeBackpropInput],
    [tf.AvgPool, tf.AvgPoolGrad, tf.FusedBatchNorm, tf.ResizeBilinear, tf.ResizeNearestNeighbor],
    [tf.BatchToSpaceND, tf.Concat, tf.ExpandDims, tf.GatherNd, tf.GatherV2, tf.Identity, tf.MirrorPad, tf.Pack, tf.PadV2],
    [tf.Reshape, tf.Reverse, tf.ScatterNd, tf.Select, tf.Slice, tf.SpaceToBatchND, tf.SplitV, tf.StridedSlice, tf.Tile, tf.Transpose, tf.Unpack],
  ].flat(),
);

const piecewiseLinear = new Set(
  [
    [tf.Abs, tf.ClipByValue, tf.LeakyRelu, tf.Relu, tf.Relu6, tf.Mod, tf.Max, tf.Maximum, tf.Min, tf.Minimum, tf.MaxPool, tf.MaxPoolGrad],
    [tf.Equal, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.NotEqual, tf.LogicalAnd, tf.LogicalNot, tf.LogicalOr],
    [tf.All, tf.Any, tf.ArgMax, tf.ArgMin, tf.Cast, tf.Ceil, tf.Floor, tf.FloorDiv, tf.IsFinite, tf.IsInf, tf.IsNan, tf.OneHot],
    [tf.OnesLike, tf.Round, tf.Sign, tf.Step, tf.ZerosLike],
  ].flat(),
);

/**
 * What is known of the second derivative of every kernel of tfjs, once {@link makeTwiceDifferentiable} has been called. A kernel of which nothing
 * is known, such as one of a later tfjs, is refused.
 *
 * @example
 * gradientCoverage().find(({ kernel }) => kernel === "Tanh"); // { kernel: "Tanh", status: "proved" }
 */
export function gradientCoverage(): readonly KernelCoverage[] {
  return kernelNames().map((kernel) => {
    if (proved.has(kernel)) return { kernel, status: "proved" };
    if (piecewiseLinear.has(kernel)) return { kernel, status: "piecewise-linear" };
    const reason = tf.getGradient(kernel)
      ? "the second derivative is not proved; it throws autodiff/unsupported-kernel"
      : "tfjs has no gradient for it; the first derivative throws";
    return { kernel, status: "refused", reason };
  });
}

/** Kernels with a first derivative of which the second is refused. */
export function refusedKernels(): readonly string[] {
  return gradientCoverage()
    .filter(({ kernel, status }) => status === "refused" && tf.getGradient(kernel) !== undefined)
    .map(({ kernel }) => kernel);
}

/** tfjs exports each kernel's name under that name. */
function kernelNames(): readonly string[] {
  return Object.entries(tf)
    .filter(([name, value]: [string, unknown]) => name === value)
    .map(([name]) => name)
    .toSorted();
}
