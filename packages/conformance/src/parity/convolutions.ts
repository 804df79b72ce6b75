import * as tf from "@tensorflow/tfjs";
import { convolutionInfo, convolutionReference, type ConvolutionShape } from "./convolution-reference.ts";
import { drawn, tensorOf } from "./drawn.ts";
import { tensorCase, type ParityCase } from "./parity-case.ts";

const plain = { strides: 1, pad: "same", kind: "plain" } as const;

/** Channels on both sides of what is computed at once, odd sizes, every padding, and the shortcut of a residual network: 1 x 1 by 2. */
const shapes: Readonly<Record<string, ConvolutionShape>> = {
  "3 x 3": { ...plain, input: [2, 7, 6, 3], filter: [3, 3, 3, 16] },
  "3 x 3 by 2": { ...plain, strides: 2, input: [2, 8, 7, 5], filter: [3, 3, 5, 4] },
  "5 x 5, valid": { ...plain, pad: "valid", input: [1, 7, 9, 2], filter: [5, 5, 2, 3] },
  "3 x 3, padding 1": { ...plain, pad: 1, input: [2, 6, 6, 3], filter: [3, 3, 3, 5] },
  "1 x 1": { ...plain, input: [2, 4, 4, 8], filter: [1, 1, 8, 4] },
  "1 x 1 by 2": { ...plain, strides: 2, input: [2, 8, 8, 8], filter: [1, 1, 8, 16] },
  "one channel": { ...plain, input: [2, 8, 8, 1], filter: [3, 3, 1, 4] },
  "depthwise 3 x 3": { ...plain, kind: "depthwise", input: [2, 7, 6, 3], filter: [3, 3, 3, 2] },
  "depthwise 3 x 3 by 2": { ...plain, kind: "depthwise", strides: 2, input: [2, 7, 7, 4], filter: [3, 3, 4, 1] },
};

/** Each convolution, and its gradients in input and filter, against float64. */
export const convolutionCases: readonly ParityCase[] = Object.entries(shapes).flatMap(([name, shape]) => {
  const { strides, pad, kind } = shape;
  const [x, w] = [drawn(shape.input, 1), drawn(shape.filter, 2)];
  const dy = drawn(convolutionInfo(shape).outShape, 3);
  const apply = (input: tf.Tensor, filter: tf.Tensor): tf.Tensor => {
    const operation = kind === "plain" ? tf.conv2d<tf.Tensor4D> : tf.depthwiseConv2d<tf.Tensor4D>;
    return operation(input as tf.Tensor4D, filter as tf.Tensor4D, strides, pad);
  };
  const reference = () => convolutionReference(shape, x, w, dy);
  return [
    tensorCase(
      "kernels",
      `convolution, ${name}`,
      () => apply(tensorOf(x), tensorOf(w)),
      () => reference().slice(0, 1),
    ),
    tensorCase(
      "gradients",
      `convolution, ${name}`,
      () => tf.grads(apply)([tensorOf(x), tensorOf(w)], tensorOf(dy)),
      () => reference().slice(1),
    ),
  ];
});
