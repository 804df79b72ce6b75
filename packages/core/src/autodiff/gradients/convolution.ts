import * as tf from "@tensorflow/tfjs";
import { gradientOf, runKernel } from "../define.ts";
import { every, spread } from "./spread.ts";

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number] | null;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * A convolution is linear in its input x and in its filter w. With y = conv(x, w), three kernels are its whole algebra: `conv`,
 * `toInput(dy, w)` and `toFilter(x, dy)`, defined by <dy, conv(x, w)> = <x, toInput(dy, w)> = <w, toFilter(x, dy)>. Each one's gradient
 * is made of the other two.
 */
interface Algebra {
  readonly conv: { kernelName: string; run: (x: tf.Tensor, filter: tf.Tensor, attributes: Attributes) => tf.Tensor };
  readonly toInput: string;
  readonly toFilter: string;
}

function gradientsOf({ conv, toInput, toFilter }: Algebra): readonly tf.GradConfig[] {
  const inputGradient = (dy: tf.Tensor, filter: tf.Tensor, inputShape: number[], attributes: Attributes): tf.Tensor =>
    runKernel(toInput, { dy, filter }, { ...undilated(attributes), inputShape });
  const filterGradient = (x: tf.Tensor, dy: tf.Tensor, filterShape: number[], attributes: Attributes): tf.Tensor =>
    runKernel(toFilter, { x, dy }, { ...undilated(attributes), filterShape });
  return [
    gradientOf<Attributes>(conv.kernelName, ["x", "filter"], (dy, [x, filter], attributes) => {
      const [rows, columns] = pairOf(attributes.dilations);
      // tfjs refuses dilations here. A dilated filter is one with zeros between its taps, of the same reach and so the same padding.
      const wide = (): tf.Tensor => spread(spread(filter, 0, rows), 1, columns);
      const [height, width, ...channels] = filter.shape as number[];
      const wideShape = [(height - 1) * rows + 1, (width - 1) * columns + 1, ...channels];
      return {
        x: () => inputGradient(dy, wide(), x.shape, attributes),
        filter: () => every(every(filterGradient(x, dy, wideShape, attributes), 0, rows), 1, columns),
      };
    }),
    gradientOf<Attributes>(toInput, ["dy", "filter"], (ddx, [dy, filter], attributes) => ({
      dy: () => conv.run(ddx, filter, undilated(attributes)),
      filter: () => filterGradient(ddx, dy, filter.shape, attributes),
    })),
    gradientOf<Attributes>(toFilter, ["x", "dy"], (ddw, [x, dy], attributes) => ({
      x: () => inputGradient(dy, ddw, x.shape, attributes),
      dy: () => conv.run(x, ddw, undilated(attributes)),
    })),
  ];
}

function pairOf(value: number | [number, number] | null | undefined): [number, number] {
  return typeof value === "object" && value !== null ? value : [value ?? 1, value ?? 1];
}

function undilated({ strides, pad, dataFormat, dimRoundingMode }: Attributes): Attributes {
  return { strides, pad, dataFormat: dataFormat ?? "NHWC", dimRoundingMode, dilations: [1, 1] };
}

export const convolutionGradients: readonly tf.GradConfig[] = [
  ...gradientsOf({
    conv: {
      kernelName: tf.Conv2D,
      run: (x, filter, { strides, pad, dataFormat, dimRoundingMode }) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, dataFormat, 1, dimRoundingMode),
    },
    toInput: tf.Conv2DBackpropInput,
    toFilter: tf.Conv2DBackpropFilter,
  }),
  ...gradientsOf({
    conv: {
      kernelName: tf.DepthwiseConv2dNative,
      run: (x, filter, { strides, pad, dataFormat, dimRoundingMode }) =>
        tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, dataFormat, 1, dimRoundingMode),
    },
    toInput: tf.DepthwiseConv2dNativeBackpropInput,
    toFilter: tf.DepthwiseConv2dNativeBackpropFilter,
  }),
];
