import * as tf from "@tensorflow/tfjs";
import { convInfo, depthwiseInfo, type ConvAttributes } from "../wasm/conv-geometry.ts";
import { fit, reach, unfit, windowAxes, withoutGaps } from "./windows.ts";

let done = false;

interface Call {
  readonly inputs: Readonly<Record<string, tf.Tensor4D>>;
  readonly attributes: Attributes;
}

type Attributes = ConvAttributes & {
  readonly dilations?: number | [number, number];
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly filterSize?: number | [number, number];
  readonly axis?: number;
};

/** A kernel that takes over where it can (`undefined`: not this case); `stock` runs the one that it replaces. */
type Mended = (call: Call, stock: (inputs: Call["inputs"], attributes: object) => tf.Tensor4D) => tf.Tensor4D | undefined;

/**
 * Mends tfjs-node's kernels: convolutions, depthwise convolutions, poolings and their gradients where padding is given in numbers, which most of
 * them refuse, and where sizes are rounded up (dimRoundingMode "ceil" or "round"), which they silently do not do; and the filter gradient of a
 * convolution with a stride longer than its filter, as 1 x 1 by 2, at which TensorFlow on oneDNN writes outside its memory; and convolutions of one
 * channel to an output one column wide, of which it gets some wrong.
 *
 * Idempotent; after tfjs-node has been imported.
 */
export function completeTensorflowBackend(): void {
  if (done) return;
  for (const [name, mended] of Object.entries(kernels)) mend(name, mended);
  done = true;
}

function mend(name: string, mended: Mended): void {
  const stock = tf.getKernel(name, "tensorflow");
  if (!stock) return;
  tf.unregisterKernel(name, "tensorflow");
  tf.registerKernel({
    ...stock,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const run = (inputs: object, attributes: object): tf.Tensor4D =>
        stock.kernelFunc({ inputs: inputs as tf.NamedTensorInfoMap, attrs: attributes as tf.NamedAttrMap, backend }) as tf.Tensor4D;
      // tfjs-node's kernels take and give tensors, and what runs inside a kernel is on no gradient's tape.
      const call = { inputs: inputs as Call["inputs"], attributes: attrs as unknown as Attributes };
      return tf.tidy(() => mended(call, run) ?? run(inputs, attrs as object));
    },
  });
}

const isPlain = ({ pad, dimRoundingMode }: Attributes): boolean =>
  (pad === "same" || pad === "valid") && (dimRoundingMode == null || dimRoundingMode === "floor" || pad === "same");

/** What the stock kernels are told once their input has been fitted. */
const valid = { pad: "valid", dimRoundingMode: undefined };

type Info = (inputShape: readonly number[], filterShape: readonly number[], attributes: Attributes) => tf.backend_util.Conv2DInfo;

const plainInfo: Info = (inputShape, filterShape, attributes) => convInfo(inputShape, filterShape, attributes, attributes.dilations);

const forward =
  (infoOf: Info): Mended =>
  ({ inputs, attributes }, stock) => {
    const { x, filter } = inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
    if (attributes.dataFormat === "NCHW") return undefined;
    const axes = windowAxes(infoOf(x.shape, filter.shape, attributes));
    const [rows, columns] = axes;
    const wrong = x.shape[3] === 1 && columns.output === 1 && columns.stride > 1;
    if (isPlain(attributes) && !wrong) return undefined;
    return stock({ ...inputs, x: fit(x, axes) }, { ...attributes, ...valid, strides: [rows.stride, columns.output === 1 ? 1 : columns.stride] });
  };

const inputGradient =
  (infoOf: Info): Mended =>
  ({ inputs, attributes }, stock) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    if (isPlain(attributes) || attributes.dataFormat === "NCHW") return undefined;
    const info = infoOf(attributes.inputShape as number[], filter.shape, attributes);
    return ontoFitted(info, (inputShape) => stock({ dy, filter }, { ...attributes, ...valid, inputShape }));
  };

const filterGradient =
  (infoOf: Info): Mended =>
  ({ inputs, attributes }, stock) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    if (attributes.dataFormat === "NCHW") return undefined;
    const axes = windowAxes(infoOf(x.shape, attributes.filterShape as number[], attributes));
    if (isPlain(attributes) && axes.every(({ stride, span }) => stride <= span)) return undefined;
    const strides = axes.map(({ stride, span }) => Math.min(stride, span));
    return stock({ x: withoutGaps(fit(x, axes), axes), dy }, { ...attributes, ...valid, strides });
  };

/** Runs an input gradient for the fitted input and takes from it what belongs to the input itself. */
function ontoFitted(info: tf.backend_util.Conv2DInfo, gradient: (fittedShape: number[]) => tf.Tensor4D): tf.Tensor4D {
  const axes = windowAxes(info);
  return unfit(gradient([info.batchSize, reach(axes[0]), reach(axes[1]), info.inChannels]), axes);
}

function poolInfo(shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: Attributes): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(shape as [number, number, number, number], filterSize as number, strides, 1, pad, dimRoundingMode);
}

const maxPool: Mended = ({ inputs, attributes }, stock) => {
  const x = inputs["x"] as tf.Tensor4D;
  if (isPlain(attributes)) return undefined;
  return stock({ x: fit(x, windowAxes(poolInfo(x.shape, attributes)), -Infinity) }, { ...attributes, ...valid });
};

const maxPoolGradient: Mended = ({ inputs, attributes }, stock) => {
  const { dy, input, output } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D; output: tf.Tensor4D };
  if (isPlain(attributes)) return undefined;
  const axes = windowAxes(poolInfo(input.shape, attributes));
  return unfit(stock({ dy, input: fit(input, axes, -Infinity), output }, { ...attributes, ...valid }), axes);
};

/** The share of each window that lies on the input: TensorFlow's mean of a window without padding counts the border as well. */
function covered(info: tf.backend_util.Conv2DInfo): tf.Tensor4D {
  const inside = fit(tf.ones([1, info.inHeight, info.inWidth, 1]), windowAxes(info));
  return tf.avgPool(inside, [info.filterHeight, info.filterWidth], [info.strideHeight, info.strideWidth], "valid");
}

const averagePool: Mended = ({ inputs, attributes }, stock) => {
  const x = inputs["x"] as tf.Tensor4D;
  if (isPlain(attributes)) return undefined;
  const info = poolInfo(x.shape, attributes);
  return tf.div(stock({ x: fit(x, windowAxes(info)) }, { ...attributes, ...valid }), covered(info));
};

const averagePoolGradient: Mended = ({ inputs, attributes }, stock) => {
  const { dy, input } = inputs as { dy: tf.Tensor4D; input: tf.Tensor4D };
  if (isPlain(attributes)) return undefined;
  const info = poolInfo(input.shape, attributes);
  const axes = windowAxes(info);
  return unfit(stock({ dy: tf.div(dy, covered(info)), input: fit(input, axes) }, { ...attributes, ...valid }), axes);
};

/** An axis may be counted from the end; tfjs-node takes its own check of the indices to mean that it may not. */
const gather: Mended = ({ inputs, attributes }, stock) => {
  const { axis = 0 } = attributes;
  return axis < 0 ? stock(inputs, { ...attributes, axis: axis + (inputs["x"] as tf.Tensor).rank }) : undefined;
};

const kernels: Readonly<Record<string, Mended>> = {
  Conv2D: forward(plainInfo),
  FusedConv2D: forward(plainInfo),
  Conv2DBackpropInput: inputGradient(convInfo),
  Conv2DBackpropFilter: filterGradient(convInfo),
  DepthwiseConv2dNative: forward(depthwiseInfo),
  FusedDepthwiseConv2D: forward(depthwiseInfo),
  DepthwiseConv2dNativeBackpropInput: inputGradient(depthwiseInfo),
  DepthwiseConv2dNativeBackpropFilter: filterGradient(depthwiseInfo),
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
  AvgPool: averagePool,
  AvgPoolGrad: averagePoolGradient,
  GatherV2: gather,
};
