import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/index.ts";
import { disposeTaps, planTaps, runTaps, valueAndGradient, type Model, type TapPlan, type Weights } from "../model/index.ts";
import { addInto, hostZeros, toHost, type HostTree, type TensorTree } from "../tree/index.ts";
import type { Objective } from "./objective.ts";
import { layerMoments } from "./layer-moments.ts";
import { sumOverBatches, type PassOptions } from "./sum-over-batches.ts";

export interface MomentsOptions extends PassOptions {
  readonly objective: Objective;
  /** 2: sum of squares, the empirical Fisher diagonal; 1: sum of absolute values, the label-free sensitivity. */
  readonly power: 1 | 2;
  /** Where; default the model's own. */
  readonly weights?: Weights;
}

export interface Moments {
  /** Per parameter, float64. Divide by `count` for the mean. */
  readonly sums: HostTree;
  readonly count: number;
  /** Parameters that had to be computed one sample at a time: layers of a kind not known here, or called more than once. */
  readonly oneByOne: readonly string[];
}

/**
 * M_i = sum_n |d objective(x_n, y_n) / d theta_i|^power over the data set, exact, from batched passes in inference mode.
 *
 * With the loss as objective and power 2, M / n is the diagonal of the empirical Fisher information, E_n[(d/d theta_i log p(y_n|x_n))^2].
 * One forward and one backward pass per batch give every layer's input a_n and output gradient g_n, from which each layer's per-sample
 * gradients follow without another pass (see `layer-moments.ts`). The result depends neither on batch size nor on order, rounding apart.
 *
 * @example
 * const { sums, count } = await perSampleMoments(model, data, { objective, power: 2, batchSize: 32, phase: "Fisher", context });
 */
export async function perSampleMoments(model: Model, data: Dataset, options: MomentsOptions): Promise<Moments> {
  const { weights = model.weights } = options;
  let plan: TapPlan | undefined;
  const { sums } = await sumOverBatches(data, weights.parameters, options, async (batch) => {
    const samples = batch.labels.shape[0];
    plan ??= planFor(model, batch.inputs);
    const taps = runTaps(model, plan, weights, batch.inputs, (logits) => tf.sum(options.objective(logits, batch.labels)));
    try {
      const { host, addTo } = await layerMoments(taps.records, weights, options.power);
      const uncovered = await oneSampleAtATime(model, batch.inputs, batch.labels, plan.uncovered, options);
      options.context.meter.forward(samples);
      options.context.meter.backward(samples);
      return { tensors: {}, host: { ...host, ...uncovered }, addTo };
    } finally {
      disposeTaps(taps);
    }
  });
  return { sums, count: options.order?.length ?? data.size, oneByOne: plan?.uncovered ?? [] };
}

function planFor(model: Model, inputs: tf.Tensor): TapPlan {
  const sample = tf.slice(inputs, 0, 1);
  try {
    return planTaps(model, sample);
  } finally {
    sample.dispose();
  }
}

/** The same quantity by a plain loop, one gradient per sample: slow, obvious, and the oracle of {@link perSampleMoments}. */
export async function naivePerSampleMoments(model: Model, data: Dataset, options: MomentsOptions): Promise<Moments> {
  const names = Object.keys(model.parameters);
  const { sums } = await sumOverBatches(data, model.parameters, options, async (batch) => ({
    tensors: {},
    host: await oneSampleAtATime(model, batch.inputs, batch.labels, names, options),
  }));
  return { sums, count: options.order?.length ?? data.size, oneByOne: names };
}

async function oneSampleAtATime(
  model: Model,
  inputs: tf.Tensor,
  labels: tf.Tensor1D,
  names: readonly string[],
  options: MomentsOptions,
): Promise<HostTree> {
  const { parameters, buffers } = options.weights ?? model.weights;
  const wanted: TensorTree = Object.fromEntries(names.map((name) => [name, parameters[name]]));
  const sums = hostZeros(wanted);
  if (names.length === 0) return sums;
  for (let n = 0; n < labels.shape[0]; n++) {
    await options.context.pause();
    const moments = tf.tidy(() => {
      const input = tf.slice(inputs, n, 1);
      const label = tf.slice(labels, n, 1);
      const { gradient } = valueAndGradient(
        (some) => tf.sum(options.objective(model.forward({ parameters: { ...parameters, ...some }, buffers }, input, "inference").logits, label)),
        wanted,
      );
      return Object.fromEntries(Object.entries(gradient).map(([name, g]) => [name, options.power === 2 ? tf.square(g) : tf.abs(g)]));
    });
    addInto(sums, await toHost(moments));
    tf.dispose(moments);
    options.context.meter.forward(1);
    options.context.meter.backward(1);
  }
  return sums;
}
