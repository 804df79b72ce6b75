import * as tf from "@tensorflow/tfjs";
import { gradientOf } from "../define.ts";
import { sumTo } from "./broadcast.ts";

/** As in tfjs, and summed over a batch axis that one of the two factors does not have, which tfjs refuses. */
export const matMulGradient = gradientOf<{ transposeA: boolean; transposeB: boolean }>(
  tf.BatchMatMul,
  ["a", "b"],
  (dy, [a, b], { transposeA, transposeB }) => ({
    a: () => sumTo(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape),
    b: () => sumTo(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape),
  }),
);
