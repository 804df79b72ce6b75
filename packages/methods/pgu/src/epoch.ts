import * as tf from "@tensorflow/tfjs";
import {
  disposeTree,
  forEachBatch,
  valueAndGradient,
  type Context,
  type Dataset,
  type Model,
  type TensorBatch,
  type TensorTree,
  type Weights,
} from "@lethe/core";
import { forgetLoss } from "./forget-loss.ts";
import { logitsWithDropout } from "./forward.ts";
import type { PguOptions } from "./options.ts";
import type { Projection } from "./projection.ts";

/** Of each kernel that may move. */
export type Projections = Readonly<Record<string, Projection>>;

export interface EpochResult {
  /** The kernels after the epoch; the caller's. */
  readonly kernels: TensorTree;
  /** What is descended on, before each step. */
  readonly losses: Float64Array;
  /** ||R (I - P)|| / ||R|| of each kernel at the first step: what the protected subspace leaves of the gradient. */
  readonly remaining: Readonly<Record<string, number>>;
}

export interface EpochOptions extends Pick<PguOptions, "objective" | "offset" | "entropyWeight" | "weightDecay" | "batchSize" | "dropout"> {
  readonly rate: number;
  readonly order: ArrayLike<number>;
  /** From 1. */
  readonly epoch: number;
  readonly phase: string;
}

/** The model's weights with other kernels. */
export function weightsWith({ parameters, buffers }: Model, kernels: TensorTree): Weights {
  return { parameters: { ...parameters, ...kernels }, buffers };
}

/** One pass over D_f of projected stochastic gradient descent, without momentum. `kernels` stay the caller's. */
export async function descendEpoch(
  model: Model,
  kernels: TensorTree,
  projections: Projections,
  forget: Dataset,
  options: EpochOptions,
  context: Context,
): Promise<EpochResult> {
  const { rate, order, batchSize, phase, epoch } = options;
  const losses: tf.Scalar[] = [];
  let current = kernels;
  let remaining: TensorTree = {};
  try {
    await forEachBatch(forget, { context, batchSize, order, phase }, async (batch) => {
      const step = projectedStep(model, current, projections, batch, rate, options, context.random.split("dropout", epoch, losses.length));
      if (current !== kernels) disposeTree(current);
      current = step.kernels;
      losses.push(step.loss);
      if (losses.length === 1) remaining = step.remaining;
      else disposeTree(step.remaining);
      context.meter.forward(batch.labels.shape[0]);
      context.meter.backward(batch.labels.shape[0]);
    });
    return { kernels: current, losses: await numbers(losses), remaining: await namedNumbers(remaining) };
  } catch (error) {
    if (current !== kernels) disposeTree(current);
    throw error;
  } finally {
    tf.dispose([losses, remaining] as tf.TensorContainer);
  }
}

interface Step {
  readonly kernels: TensorTree;
  readonly loss: tf.Scalar;
  readonly remaining: TensorTree;
}

/** R = dL/dW + wd W;  W <- W - eta (R - P R). */
function projectedStep(
  model: Model,
  kernels: TensorTree,
  projections: Projections,
  batch: TensorBatch,
  rate: number,
  options: EpochOptions,
  random: Context["random"],
): Step {
  return tf.tidy(() => {
    const { value, gradient } = forgetGradient(model, kernels, batch, options, random);
    const next: Record<string, tf.Tensor> = {};
    const remaining: Record<string, tf.Tensor> = {};
    for (const [name, kernel] of Object.entries(kernels)) {
      const residual = options.weightDecay === 0 ? gradient[name] : tf.add(gradient[name], tf.mul(kernel, options.weightDecay));
      const free = projections[name].apply(residual);
      next[name] = tf.sub(kernel, tf.mul(free, rate));
      remaining[name] = tf.divNoNan(tf.norm(free), tf.norm(residual));
    }
    return { kernels: next, loss: value, remaining } as unknown as tf.TensorContainer;
  }) as unknown as Step;
}

/** The forget loss of a batch and its gradient with respect to the kernels that may move. */
export function forgetGradient(
  model: Model,
  kernels: TensorTree,
  { inputs, labels }: TensorBatch,
  options: Pick<EpochOptions, "objective" | "offset" | "entropyWeight" | "dropout">,
  random: Context["random"],
): { value: tf.Scalar; gradient: TensorTree } {
  return valueAndGradient((moving) => {
    const weights = weightsWith(model, moving);
    const logits = options.dropout === "on" ? logitsWithDropout(model, weights, inputs, random) : model.forward(weights, inputs, "inference").logits;
    return forgetLoss(logits, labels, options).total;
  }, kernels);
}

async function numbers(scalars: readonly tf.Tensor[]): Promise<Float64Array> {
  return Float64Array.from(await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0])));
}

async function namedNumbers(tree: TensorTree): Promise<Record<string, number>> {
  const names = Object.keys(tree);
  const values = await numbers(Object.values(tree));
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
