import type * as tf from "@tensorflow/tfjs";
import { floats, output } from "./kernel.ts";
import type { WasmBackend } from "./kernel.ts";

/** Zeros to add before and after an axis; a negative count removes values instead. */
export type Margin = readonly [before: number, after: number];

/**
 * Splits margins of x `[n, h, w, c]` into what a convolution can pad and what has to be cut off first, possibly all of x. The result is owned
 * by the caller unless it is x itself.
 */
export function cropForPadding(
  backend: WasmBackend,
  x: tf.TensorInfo,
  rows: Margin,
  columns: Margin,
): { cropped: tf.TensorInfo; pad: [Margin, Margin, Margin, Margin] } {
  const pad: [Margin, Margin, Margin, Margin] = [[0, 0], positive(rows), positive(columns), [0, 0]];
  const [top, bottom, left, right] = [-rows[0], -rows[1], -columns[0], -columns[1]].map((cut) => Math.max(0, cut)) as [
    number,
    number,
    number,
    number,
  ];
  if (top + bottom + left + right === 0) return { cropped: x, pad };
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const cropped = output(backend, [n, Math.max(0, h - top - bottom), Math.max(0, w - left - right), c]);
  const [from, to] = [floats(backend, x), floats(backend, cropped)];
  const length = Math.max(0, w - left - right) * c;
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let row = top; row < h - bottom; row++, at += length) {
      const start = ((image * h + row) * w + left) * c;
      to.set(from.subarray(start, start + length), at);
    }
  }
  return { cropped, pad };
}

function positive([before, after]: Margin): Margin {
  return [Math.max(0, before), Math.max(0, after)];
}
