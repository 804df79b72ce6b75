import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";
import { spread } from "./spread.ts";

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Gradient of kernel StridedSlice, which tfjs lacks: dy put back where it was read, zeros elsewhere. */
const stridedSlice = gradientOf<StridedSliceAttributes>(tf.StridedSlice, ["x"], (dy, [x], attributes) => ({
  x: () => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const info = tf.slice_util.sliceInfo(x.shape, begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask);
    const counts = info.strides.map((stride, axis) => Math.max(0, Math.ceil((info.end[axis] - info.begin[axis]) / stride)));
    return counts.reduce(
      (placed, count, axis) => {
        const stride = Math.abs(info.strides[axis]);
        const reach = count === 0 ? 0 : (count - 1) * stride + 1;
        const forward = info.strides[axis] > 0;
        const first = forward ? info.begin[axis] : info.begin[axis] - reach + 1;
        const apart = count === 0 ? placed : spread(forward ? placed : tf.reverse(placed, axis), axis, stride);
        return padAxis(apart, axis, first, x.shape[axis] - first - reach);
      },
      tf.reshape(dy, counts),
    );
  },
}));

/** Gradient of kernel MirrorPad: besides what lies inside, what was mirrored comes back; tfjs's own forgets the latter. */
const mirrorPad = gradientOf<{ paddings: [number, number][]; mode: "reflect" | "symmetric" }>(tf.MirrorPad, ["x"], (dy, [x], { paddings, mode }) => ({
  x: () =>
    paddings.reduce((folded, [before, after], axis) => {
      const n = x.shape[axis];
      // "reflect" does not repeat the border itself.
      const skip = mode === "reflect" ? 1 : 0;
      const part = (from: number, length: number): tf.Tensor => sliceAxis(folded, axis, from, length);
      const left = padAxis(tf.reverse(part(0, before), axis), axis, skip, n - skip - before);
      const right = padAxis(tf.reverse(part(before + n, after), axis), axis, n - skip - after, skip);
      return tf.addN([part(before, n), ...(before > 0 ? [left] : []), ...(after > 0 ? [right] : [])]);
    }, dy),
}));

function padAxis(x: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  return tf.pad(
    x,
    x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0]) as [number, number]),
  );
}

function sliceAxis(x: tf.Tensor, axis: number, from: number, length: number): tf.Tensor {
  return tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.with(axis, length),
  );
}

export const slicingGradients: readonly tf.GradConfig[] = [stridedSlice, mirrorPad];
