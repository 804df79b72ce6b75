import * as tf from "@tensorflow/tfjs";
import type { Context } from "../context/index.ts";
import type { Dataset } from "../data/index.ts";
import { disposeTaps, planTaps, runTaps, valueAndGradient, type Model, type TapPlan, type Weights } from "../model/index.ts";
import { addInto, hostZeros, toHost, type HostTree, type TensorTree } from "../tree/index.ts";
import { batchPass, type PassInput } from "./batch-pass.ts";
import { layerMoments } from "./layer-moments.ts";
import { namedObjective, objectiveOf, type Objective, type ObjectiveName } from "./objective.ts";
import { overBatches } from "./over-batches.ts";
import { samplesIn, type PassOptions } from "./read-batches.ts";
import { addTerms, expectFiniteSums, sumOverBatches, type BatchSums } from "./sum-over-batches.ts";

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
  const { weights = model.weights, objective, power } = options;
  const sums = hostZeros(weights.parameters);
  let oneByOne: readonly string[] = [];
  const input = { model, weights, arguments: { objective: namedObjective(objective), power } };
  for await (const terms of overBatches(perSamplePass, input, data, options)) {
    addTerms(sums, terms);
    oneByOne = terms.oneByOne;
  }
  expectFiniteSums(sums, options);
  return { sums, count: samplesIn(data, options), oneByOne };
}

interface PerSampleArguments {
  readonly objective: Objective | ObjectiveName;
  readonly power: 1 | 2;
}

interface PerSampleTerms extends BatchSums {
  readonly oneByOne: readonly string[];
}

export const perSamplePass = batchPass<PerSampleArguments, PerSampleTerms>("per-sample-moments", (input, context) => {
  const { model, weights, arguments: given } = input;
  const { power } = given;
  const objective = objectiveOf(given.objective);
  let plan: TapPlan | undefined;
  return async ({ inputs, labels }) => {
    plan ??= planFor(model, inputs);
    const taps = runTaps(model, plan, weights, inputs, (logits) => tf.sum(objective(logits, labels)));
    try {
      const { host, rows } = await layerMoments(taps.records, weights, power);
      const uncovered = await oneSampleAtATime(input, inputs, labels, plan.uncovered, context);
      context.meter.forward(labels.shape[0]);
      context.meter.backward(labels.shape[0]);
      return { host: { ...host, ...uncovered }, rows, oneByOne: plan.uncovered };
    } finally {
      disposeTaps(taps);
    }
  };
});

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
  const { weights = model.weights, context } = options;
  const input = { model, weights, arguments: options };
  const { sums } = await sumOverBatches(data, model.parameters, options, async (batch) => ({
    tensors: {},
    host: await oneSampleAtATime(input, batch.inputs, batch.labels, names, context),
  }));
  return { sums, count: samplesIn(data, options), oneByOne: names };
}

async function oneSampleAtATime(
  { model, weights, arguments: { objective: given, power } }: PassInput<PerSampleArguments>,
  inputs: tf.Tensor,
  labels: tf.Tensor1D,
  names: readonly string[],
  context: Context,
): Promise<HostTree> {
  const { parameters, buffers } = weights;
  const objective = objectiveOf(given);
  const wanted: TensorTree = Object.fromEntries(names.map((name) => [name, parameters[name]]));
  const sums = hostZeros(wanted);
  if (names.length === 0) return sums;
  for (let n = 0; n < labels.shape[0]; n++) {
    await context.pause();
    const moments = tf.tidy(() => {
      const input = tf.slice(inputs, n, 1);
      const label = tf.slice(labels, n, 1);
      const { gradient } = valueAndGradient(
        (some) => tf.sum(objective(model.forward({ parameters: { ...parameters, ...some }, buffers }, input, "inference").logits, label)),
        wanted,
      );
      return Object.fromEntries(Object.entries(gradient).map(([name, g]) => [name, power === 2 ? tf.square(g) : tf.abs(g)]));
    });
    addInto(sums, await toHost(moments));
    tf.dispose(moments);
    context.meter.forward(1);
    context.meter.backward(1);
  }
  return sums;
}
