import * as tf from "@tensorflow/tfjs";
import { gradientOf, runKernel, zerosOf } from "../define.ts";
import { unsupportedKernel } from "../refuse.ts";
import { expectRightMaxPoolGradient } from "./max-pool-check.ts";

interface Attributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Pooling along one spatial axis: output o covers the inputs from `o stride - before` on, `size` of them. */
interface Axis {
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  /** So that the last window lies inside. */
  readonly after: number;
}

function axesOf(shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: Attributes): [Axis, Axis] {
  const info = tf.backend_util.computePool2DInfo(shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
  const axis = (input: number, output: number, size: number, stride: number, before: number): Axis => {
    const after = Math.max(0, (output - 1) * stride + size - before - input);
    return { input, output, size, stride, before, after };
  };
  return [
    axis(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.padInfo.top),
    axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.padInfo.left),
  ];
}

const isPadded = ({ before, after }: Axis): boolean => before > 0 || after > 0;

/**
 * Gradient of kernel AvgPool, y = mean of the inputs under a window, without the padding. Kernel AvgPoolGrad divides by the whole window
 * on some backends, cpu and webgl among them, and by the inputs under it on others. So it only ever sees windows without padding here: of
 * an input that is padded beforehand, and of a dy that makes up for the difference.
 *
 * @example
 * tf.registerGradient(averagePoolGradient);
 * const slope = tf.grad((x) => tf.avgPool(x, [1, 2], [1, 2], "same"));
 * slope(tf.tensor4d([1, 2, 3], [1, 1, 3, 1])).dataSync(); // [0.5, 0.5, 1]
 */
export const averagePoolGradient = gradientOf<Attributes>(tf.AvgPool, ["x"], (dy, [x], attributes) => ({
  x: () => {
    const { filterSize, strides } = attributes;
    const axes = axesOf(x.shape, attributes);
    const toInput = (scaled: tf.Tensor, input: tf.Tensor): tf.Tensor =>
      runKernel(tf.AvgPoolGrad, { dy: scaled, input }, { filterSize, strides, pad: "valid" });
    if (!axes.some(isPadded)) return toInput(dy, x);
    const [rows, columns] = axes;
    const [batch, , , channels] = x.shape;
    const padded = [batch, ...axes.map(({ before, input, after }) => before + input + after), channels];
    const dx = toInput(tf.mul(dy, ofWindows(axes, windowShare)), tf.zeros(padded));
    return tf.slice(dx, [0, rows.before, columns.before, 0], x.shape);
  },
}));

/** Size of window o over the number of inputs under it. */
function windowShare({ input, size, stride, before }: Axis, o: number): number {
  const start = o * stride - before;
  return size / (Math.min(start + size, input) - Math.max(start, 0));
}

/** `[1, rows, columns, 1]`: the product of a value per row and one per column of the output. */
function ofWindows([rows, columns]: [Axis, Axis], value: (axis: Axis, o: number) => number): tf.Tensor {
  const vector = (axis: Axis): number[] => Array.from({ length: axis.output }, (_, o) => value(axis, o));
  return tf.mul(tf.tensor(vector(rows), [1, rows.output, 1, 1]), tf.tensor(vector(columns), [1, 1, columns.output, 1]));
}

const avgPoolGrad = gradientOf<Attributes>(tf.AvgPoolGrad, ["input"], (ddx, [input], attributes) => {
  if (axesOf(input.shape, attributes).some(isPadded)) throw unsupportedKernel(tf.AvgPoolGrad);
  const { filterSize, strides } = attributes;
  return { dy: () => tf.avgPool(ddx as tf.Tensor4D, filterSize, strides, "valid"), input: () => zerosOf(input.shape) };
});

const maxPool: tf.GradConfig = {
  kernelName: tf.MaxPool,
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [input, output], { filterSize, strides, pad, dimRoundingMode }) => ({
    x: () => {
      expectRightMaxPoolGradient();
      return runKernel(tf.MaxPoolGrad, { dy: dy as tf.Tensor, input, output }, { filterSize, strides, pad, dimRoundingMode });
    },
  }),
};

/**
 * Gradient of kernel MaxPoolGrad by dy: ddx at the input that each window chose. The kernel tells its choice only by what it adds up, so it is
 * asked for windows that do not overlap, all those whose numbers are equal modulo the reach of one: there it answers with ones where the
 * chosen inputs are. That keeps to the backend's own rule for ties. By its inputs the gradient is zero almost everywhere.
 */
const maxPoolGrad = gradientOf<Attributes>(tf.MaxPoolGrad, ["dy", "input", "output"], (ddx, [dy, input, output], attributes) => ({
  dy: () => {
    const axes = axesOf(input.shape, attributes);
    const atChosen = (mask: tf.Tensor): tf.Tensor => sumPool(tf.mul(ddx, runKernel(tf.MaxPoolGrad, { dy: mask, input, output }, attributes)), axes);
    const [reachRows, reachColumns] = axes.map(({ size, stride }) => Math.ceil(size / stride));
    if (reachRows === 1 && reachColumns === 1) return atChosen(tf.onesLike(dy));
    const picked: tf.Tensor[] = [];
    for (let row = 0; row < reachRows; row++) {
      for (let column = 0; column < reachColumns; column++) {
        const apart = ofWindows(axes, (axis, o) => Number(axis === axes[0] ? o % reachRows === row : o % reachColumns === column));
        picked.push(tf.mul(atChosen(tf.mul(tf.onesLike(dy), apart)), apart));
      }
    }
    return tf.addN(picked);
  },
  input: () => zerosOf(input.shape),
  output: () => zerosOf(output.shape),
}));

function sumPool(x: tf.Tensor, axes: [Axis, Axis]): tf.Tensor {
  const [rows, columns] = axes;
  const padding: [number, number][] = [
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ];
  const padded = axes.some(isPadded) ? tf.pad(x, padding) : x;
  const mean = tf.avgPool(padded as tf.Tensor4D, [rows.size, columns.size], [rows.stride, columns.stride], "valid");
  return tf.mul(mean, rows.size * columns.size);
}

export const poolingGradients: readonly tf.GradConfig[] = [averagePoolGradient, avgPoolGrad, maxPool, maxPoolGrad];
