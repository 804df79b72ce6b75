import * as tf from "@tensorflow/tfjs";
import { drawn, tensorOf } from "./drawn.ts";
import { tensorCase, type Numbers, type ParityCase } from "./parity-case.ts";

/** A [m, k] times B [k, n], each given transposed or not. */
interface ProductShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposes: "neither" | "a" | "b" | "both";
}

const shapes: readonly ProductShape[] = [
  { m: 5, k: 7, n: 3, transposes: "neither" },
  { m: 33, k: 70, n: 17, transposes: "neither" },
  { m: 9, k: 4, n: 6, transposes: "a" },
  { m: 64, k: 32, n: 16, transposes: "b" },
  { m: 4, k: 10, n: 8, transposes: "both" },
  { m: 1, k: 64, n: 1, transposes: "neither" },
];

function operands({ m, k, n, transposes }: ProductShape) {
  const [transposeA, transposeB] = [transposes === "a" || transposes === "both", transposes === "b" || transposes === "both"];
  const [a, b] = [drawn(transposeA ? [k, m] : [m, k], 7), drawn(transposeB ? [n, k] : [k, n], 8)];
  const apply = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.matMul(x, y, transposeA, transposeB);
  return { a, b, apply, at: { a: transposeA ? [1, m] : [k, 1], b: transposeB ? [1, k] : [n, 1] } };
}

/** C = A B and, for L = <dC, C>, dL/dA = dC B^T and dL/dB = A^T dC, in float64. */
function reference(shape: ProductShape, a: Numbers, b: Numbers, dc: Numbers, at: ReturnType<typeof operands>["at"]): readonly Numbers[] {
  const { m, k, n } = shape;
  const [c, da, db] = [m * n, m * k, k * n].map((length) => new Float64Array(length));
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++) {
        const [inA, inB] = [i * at.a[0] + l * at.a[1], l * at.b[0] + j * at.b[1]];
        c[i * n + j] += a.values[inA] * b.values[inB];
        da[inA] += dc.values[i * n + j] * b.values[inB];
        db[inB] += dc.values[i * n + j] * a.values[inA];
      }
  return [
    { shape: [m, n], values: c },
    { shape: a.shape, values: da },
    { shape: b.shape, values: db },
  ];
}

/** Matrix products, transposed and not, and their gradients, against float64. */
export const productCases: readonly ParityCase[] = shapes.flatMap((shape) => {
  const { a, b, apply, at } = operands(shape);
  const dc = drawn([shape.m, shape.n], 9);
  const name = `matrix product ${shape.m} x ${shape.k} x ${shape.n}, transposed: ${shape.transposes}`;
  const all = () => reference(shape, a, b, dc, at);
  return [
    tensorCase(
      "kernels",
      name,
      () => apply(tensorOf(a), tensorOf(b)),
      () => all().slice(0, 1),
    ),
    tensorCase(
      "gradients",
      name,
      () => tf.grads(apply)([tensorOf(a), tensorOf(b)], tensorOf(dc)),
      () => all().slice(1),
    ),
  ];
});
