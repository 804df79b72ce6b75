import * as tf from "@tensorflow/tfjs";
import { LetheError } from "@lethe/core";
import { kernelInitializer } from "./layers.ts";

/** `"softmax"`: probabilities, for `categoricalCrossentropy`. `"logits"`: unnormalised, for a loss that takes logits. */
export type ModelEnding = "softmax" | "logits";

/** What every builder wants to know. */
export interface ClassifierOptions {
  /** Shape of one input, without the batch axis. */
  readonly inputShape: readonly number[];
  /** At least 2. */
  readonly classes: number;
  /** Default `"softmax"`. */
  readonly ending?: ModelEnding;
}

/** From the input to the last hidden representation `[n, features]`. */
type Body = (input: tf.SymbolicTensor) => tf.SymbolicTensor;

interface ClassifierDetails {
  /** Of the last layer's kernel. Default He's normal distribution. */
  readonly initializer?: ReturnType<typeof tf.initializers.truncatedNormal>;
  /** Default `"float32"`; token ids are `"int32"`. */
  readonly dtype?: "float32" | "int32";
}

/** A network named `name`: an input named `input`, the body, and a dense layer named `classifier` with one unit per class. */
export function classifier(name: string, options: ClassifierOptions, body: Body, details: ClassifierDetails = {}): tf.LayersModel {
  expectPositive(name, "classes", options.classes, 2);
  if (options.inputShape.length === 0) refuse(name, "inputShape", "[]", "at least one axis");
  options.inputShape.forEach((size) => expectPositive(name, "inputShape", size));
  const { initializer = kernelInitializer, dtype = "float32" } = details;
  const input = tf.input({ shape: [...options.inputShape], dtype, name: "input" });
  const activation = options.ending === "logits" ? "linear" : "softmax";
  const last = tf.layers.dense({ units: options.classes, activation, kernelInitializer: initializer, name: "classifier" });
  return tf.model({ inputs: input, outputs: last.apply(body(input)) as tf.SymbolicTensor, name });
}

/** @throws LetheError `model/bad-option` unless `value` is an integer of at least `least`. */
export function expectPositive(builder: string, option: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) refuse(builder, option, String(value), `an integer of at least ${least}`);
}

/** @throws LetheError `model/bad-option` unless inputs are images whose sides are at least `side` pixels. */
export function expectImages(builder: string, inputShape: readonly number[], side = 1): void {
  if (inputShape.length === 3 && inputShape[0] >= side && inputShape[1] >= side) return;
  refuse(builder, "inputShape", `[${inputShape.join(", ")}]`, `[height, width, channels] with sides of at least ${side}`);
}

/** @throws LetheError `model/bad-option` unless inputs are rows of token ids. */
export function expectTokens(builder: string, inputShape: readonly number[]): void {
  if (inputShape.length !== 1) refuse(builder, "inputShape", `[${inputShape.join(", ")}]`, "[tokens]");
}

/** @throws LetheError `model/bad-option` unless 0 <= `value` < 1. */
export function expectRate(builder: string, option: string, value: number): void {
  if (!(value >= 0 && value < 1)) refuse(builder, option, String(value), "a rate from 0 to less than 1");
}

/** @throws LetheError `model/bad-option` unless `value` divides each of `sizes`. */
export function expectDivisor(builder: string, option: string, value: number, sizes: readonly number[]): void {
  expectPositive(builder, option, value);
  if (sizes.some((size) => size % value !== 0)) refuse(builder, option, String(value), `a divisor of ${sizes.join(" and ")}`);
}

export function refuse(builder: string, option: string, value: string, needed: string): never {
  throw new LetheError("model/bad-option", `The model ${builder} cannot be built with ${option} ${value}; it needs ${needed}.`, {
    builder,
    option,
    value,
    needed,
  });
}
