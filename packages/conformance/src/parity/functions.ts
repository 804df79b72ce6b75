import * as tf from "@tensorflow/tfjs";

/** A function of one number: as tfjs computes it, and in float64 with as many derivatives as are compared. */
export interface ScalarFunction {
  readonly name: string;
  readonly apply: (x: tf.Tensor) => tf.Tensor;
  readonly value: (x: number) => number;
  /** Where it is evaluated; default [-2, 2]. */
  readonly domain?: readonly [from: number, to: number];
  readonly first?: (x: number) => number;
  readonly second?: (x: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;
const positive = [0.2, 3] as const;

/** Maclaurin's series, which settles within thirty terms where it is used here. */
function errorFunction(x: number): number {
  let [sum, term] = [0, x];
  for (let n = 0; n < 40; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Evaluated at drawn numbers, none of which is at a kink. */
export const scalarFunctions: readonly ScalarFunction[] = [
  { name: "exp", apply: tf.exp, value: Math.exp, first: Math.exp, second: Math.exp },
  { name: "log", apply: tf.log, value: Math.log, domain: positive, first: (x) => 1 / x, second: (x) => -1 / x ** 2 },
  { name: "sqrt", apply: tf.sqrt, value: Math.sqrt, domain: positive, first: (x) => 0.5 * x ** -0.5, second: (x) => -0.25 * x ** -1.5 },
  { name: "rsqrt", apply: tf.rsqrt, value: (x) => x ** -0.5, domain: positive, first: (x) => -0.5 * x ** -1.5, second: (x) => 0.75 * x ** -2.5 },
  { name: "square", apply: tf.square, value: (x) => x * x, first: (x) => 2 * x, second: () => 2 },
  {
    name: "pow 2.5",
    apply: (x) => tf.pow(x, 2.5),
    value: (x) => x ** 2.5,
    domain: positive,
    first: (x) => 2.5 * x ** 1.5,
    second: (x) => 3.75 * x ** 0.5,
  },
  { name: "reciprocal", apply: tf.reciprocal, value: (x) => 1 / x, domain: positive, first: (x) => -(x ** -2), second: (x) => 2 * x ** -3 },
  {
    name: "tanh",
    apply: tf.tanh,
    value: Math.tanh,
    first: (x) => 1 - Math.tanh(x) ** 2,
    second: (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
  },
  {
    name: "sigmoid",
    apply: tf.sigmoid,
    value: logistic,
    first: (x) => logistic(x) * logistic(-x),
    second: (x) => logistic(x) * logistic(-x) * (1 - 2 * logistic(x)),
  },
  {
    name: "softplus",
    apply: tf.softplus,
    value: (x) => Math.log1p(Math.exp(x)),
    first: logistic,
    second: (x) => logistic(x) * logistic(-x),
  },
  { name: "relu", apply: tf.relu, value: (x) => Math.max(x, 0), first: (x) => (x > 0 ? 1 : 0), second: () => 0 },
  { name: "relu6", apply: tf.relu6, value: (x) => Math.min(Math.max(x, 0), 6), domain: [-3, 9], first: (x) => (x > 0 && x < 6 ? 1 : 0) },
  { name: "leakyRelu", apply: (x) => tf.leakyRelu(x, 0.1), value: (x) => (x > 0 ? x : 0.1 * x), first: (x) => (x > 0 ? 1 : 0.1) },
  {
    name: "elu",
    apply: tf.elu,
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    first: (x) => (x > 0 ? 1 : Math.exp(x)),
    second: (x) => (x > 0 ? 0 : Math.exp(x)),
  },
  {
    name: "selu",
    apply: tf.selu,
    value: (x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)),
    first: (x) => seluScale * (x > 0 ? 1 : seluAlpha * Math.exp(x)),
    second: (x) => (x > 0 ? 0 : seluScale * seluAlpha * Math.exp(x)),
  },
  {
    name: "erf",
    apply: tf.erf,
    value: errorFunction,
    first: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    second: (x) => (-4 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x),
  },
  { name: "sin", apply: tf.sin, value: Math.sin, first: Math.cos, second: (x) => -Math.sin(x) },
  { name: "cos", apply: tf.cos, value: Math.cos, first: (x) => -Math.sin(x), second: (x) => -Math.cos(x) },
  { name: "abs", apply: tf.abs, value: Math.abs, first: Math.sign, second: () => 0 },
  { name: "neg", apply: tf.neg, value: (x) => -x, first: () => -1 },
  { name: "log1p", apply: tf.log1p, value: Math.log1p, domain: [-0.5, 3], first: (x) => 1 / (1 + x) },
  { name: "expm1", apply: tf.expm1, value: Math.expm1, first: Math.exp },
  { name: "tan", apply: tf.tan, value: Math.tan, domain: [-1.2, 1.2] },
  { name: "asin", apply: tf.asin, value: Math.asin, domain: [-0.9, 0.9] },
  { name: "acos", apply: tf.acos, value: Math.acos, domain: [-0.9, 0.9] },
  { name: "atan", apply: tf.atan, value: Math.atan },
  { name: "sinh", apply: tf.sinh, value: Math.sinh },
  { name: "cosh", apply: tf.cosh, value: Math.cosh },
  { name: "asinh", apply: tf.asinh, value: Math.asinh },
  { name: "acosh", apply: tf.acosh, value: Math.acosh, domain: [1.2, 4] },
  { name: "atanh", apply: tf.atanh, value: Math.atanh, domain: [-0.9, 0.9] },
  { name: "sign", apply: tf.sign, value: Math.sign },
  { name: "floor", apply: tf.floor, value: Math.floor },
  { name: "ceil", apply: tf.ceil, value: Math.ceil },
  { name: "clipByValue", apply: (x) => tf.clipByValue(x, -0.5, 1), value: (x) => Math.min(Math.max(x, -0.5), 1) },
];
