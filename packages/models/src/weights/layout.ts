/**
 * Where each number of one of our tensors stands in another library's tensor. Every difference between the two is an order of axes, so one permutation
 * and its inverse serve all of them.
 */
export interface Layout {
  /** Our shape, with an axis taken apart that the other library orders in another way. */
  readonly axes: readonly number[];
  /** Which of our axes is the other's first, second, ... */
  readonly order: readonly number[];
  /** The other's shape. */
  readonly shape: readonly number[];
}

/** The same order of numbers; `shape` where the other library has axes of length 1 besides. */
export function sameOrder(ours: readonly number[], shape: readonly number[] = ours): Layout {
  return { axes: ours, order: [...ours.keys()], shape };
}

/** `[height, width, inputs, filters]` here, `[filters, inputs, height, width]` in PyTorch. */
export function convolutionKernel(ours: readonly number[]): Layout {
  const [height, width, inputs, filters] = ours;
  return { axes: ours, order: [3, 2, 0, 1], shape: [filters, inputs, height, width] };
}

/**
 * `[inputs, units]` here, `[units, inputs]` in PyTorch. Behind a flattened image `[height, width, channels]` the inputs stand in that order here,
 * and in the order channels, height, width there: the layer is a convolution over the whole image.
 */
export function denseKernel(ours: readonly number[], image?: readonly number[]): Layout {
  const [inputs, units] = ours;
  const shape = [units, inputs];
  return image === undefined ? { axes: ours, order: [1, 0], shape } : { axes: [...image, units], order: [3, 2, 0, 1], shape };
}

/** Our numbers in the other's order. */
export function toTheirs(values: Float32Array, { axes, order }: Layout): Float32Array {
  return permute(values, axes, order);
}

/** The other's numbers in our order. */
export function toOurs(values: Float32Array, { axes, order }: Layout): Float32Array {
  const theirAxes = order.map((axis) => axes[axis]);
  return permute(
    values,
    theirAxes,
    axes.map((_, axis) => order.indexOf(axis)),
  );
}

/** The transpose of a row-major tensor of shape `axes` to the axes `order`. */
function permute(values: Float32Array, axes: readonly number[], order: readonly number[]): Float32Array {
  const strides = axes.map((_, axis) => axes.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => axes[axis]);
  const steps = order.map((axis) => strides[axis]);
  const index = sizes.map(() => 0);
  const result = new Float32Array(values.length);
  let from = 0;
  for (let at = 0; at < result.length; at++) {
    result[at] = values[from];
    // One further, carried from the last axis to the first.
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return result;
}
