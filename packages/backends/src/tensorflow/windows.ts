import * as tf from "@tensorflow/tfjs";

/** One spatial axis that windows slide over: window `o` lies on the inputs from `o * stride - before` on, `span` of them. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly span: number;
  readonly stride: number;
  readonly before: number;
}

type Axes = readonly [rows: WindowAxis, columns: WindowAxis];

/** The axes of a convolution or a pooling `[n, h, w, c]` as tfjs worked them out. */
export function windowAxes(info: tf.backend_util.Conv2DInfo): Axes {
  return [
    { input: info.inHeight, output: info.outHeight, span: info.effectiveFilterHeight, stride: info.strideHeight, before: info.padInfo.top },
    { input: info.inWidth, output: info.outWidth, span: info.effectiveFilterWidth, stride: info.strideWidth, before: info.padInfo.left },
  ];
}

/** How many inputs the windows reach over, from the first of the first to the last of the last. */
export function reach({ output, span, stride }: WindowAxis): number {
  return (output - 1) * stride + span;
}

/** x `[n, h, w, c]` bordered and cut to what the windows reach over, so that "valid" padding puts them where they were. */
export function fit(x: tf.Tensor4D, axes: Axes, border = 0): tf.Tensor4D {
  const after = axes.map((axis) => Math.max(0, reach(axis) - axis.before - axis.input));
  const [rows, columns] = axes;
  const bordered = tf.pad(
    x,
    [
      [0, 0],
      [rows.before, after[0] as number],
      [columns.before, after[1] as number],
      [0, 0],
    ],
    border,
  );
  return tf.slice(bordered, 0, [x.shape[0], reach(rows), reach(columns), x.shape[3]]);
}

/** The transpose of {@link fit}: what belongs to x of what belongs to the fitted x. */
export function unfit(fitted: tf.Tensor4D, axes: Axes): tf.Tensor4D {
  const [rows, columns] = axes;
  const after = axes.map((axis) => Math.max(0, axis.before + axis.input - reach(axis)));
  const whole = tf.pad(fitted, [
    [0, 0],
    [0, after[0] as number],
    [0, after[1] as number],
    [0, 0],
  ]);
  return tf.slice(whole, [0, rows.before, columns.before, 0], [fitted.shape[0], rows.input, columns.input, fitted.shape[3]]);
}

/** Fitted x without the inputs between windows, where the stride is longer than the window: there the windows then lie side by side. */
export function withoutGaps(fitted: tf.Tensor4D, [rows, columns]: Axes): tf.Tensor4D {
  const [n, , , c] = fitted.shape;
  const [tall, wide] = [rows, columns].map((axis) => Math.max(axis.stride, axis.span)) as [number, number];
  let x = fitted;
  if (rows.stride > rows.span) {
    const padded = tf.pad(x, [
      [0, 0],
      [0, tall - rows.span],
      [0, 0],
      [0, 0],
    ]);
    const split = tf.reshape(padded, [n, rows.output, tall, -1]);
    x = tf.reshape(tf.slice(split, 0, [n, rows.output, rows.span, -1]), [n, rows.output * rows.span, x.shape[2], c]);
  }
  if (columns.stride > columns.span) {
    const padded = tf.pad(x, [
      [0, 0],
      [0, 0],
      [0, wide - columns.span],
      [0, 0],
    ]);
    const split = tf.reshape(padded, [n * x.shape[1], columns.output, wide, c]);
    x = tf.reshape(tf.slice(split, 0, [-1, -1, columns.span, -1]), [n, x.shape[1], columns.output * columns.span, c]);
  }
  return x;
}
