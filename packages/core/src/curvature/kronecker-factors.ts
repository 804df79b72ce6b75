import * as tf from "@tensorflow/tfjs";
import { readTensors, type Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";
import { symmetrise, type Matrix } from "../linalg/index.ts";
import { disposeTaps, layerInternals, planTaps, runTaps, type LayerInfo, type LayerRecord, type Model, type TapPlan } from "../model/index.ts";
import { sumOverBatches, type Objective } from "../passes/index.ts";
import { addInto, elementCount, hostZeros, mapHost, toHost, type TensorTree } from "../tree/index.ts";
import type { ParameterShapes } from "./flatten.ts";
import { factorObjectives } from "./gauss-newton.ts";
import { resolve, type CurvatureOptions, type Setting } from "./options.ts";
import { objectiveWithGradient } from "./output-loss.ts";
import { sampledOutputGradient, samplingOf, type SampledLabels } from "./sampled-labels.ts";

export interface KroneckerOptions extends CurvatureOptions {
  /**
   * Whose output gradients make G: `"exact"` (default), of all classes as the model weighs them, c backward passes; {@link SampledLabels}, of labels that
   * the model draws, one pass each (Martens and Grosse 2015 take one draw); `"empirical"`, of the data's own labels, one pass. The first two are of the
   * {@link trueFisher}, the last of the {@link empiricalFisher}.
   */
  readonly labels?: "exact" | "empirical" | SampledLabels;
}

/** The block of one layer as A (x) G, over the matrix `[i, o]` of its kernel (a convolution's rows unfolded) with the bias as its last row. */
export interface KroneckerFactor {
  /** Of the layer. */
  readonly name: string;
  /** Names in the parameter tree. */
  readonly kernel: string;
  readonly bias: string | undefined;
  /** A `[i, i]`: of the layer's inputs, with a 1 after them where there is a bias. */
  readonly input: Matrix;
  /** G `[o, o]`: of the gradients that come back to its outputs. */
  readonly output: Matrix;
}

/**
 * K-FAC: for each dense and conv2d layer, A and G with A (x) G near the layer's block of the Fisher matrix (Martens and Grosse 2015; for convolutions
 * Grosse and Martens 2016).
 *
 *   A = (1/n) sum over samples n and positions p of a[n,p] a[n,p]^T,    G = (1/(n P)) sum of g[n,p] g[n,p]^T
 *
 * a[n,p] `[i]` is what the kernel sees at position p of P (a dense layer over vectors has one): for a convolution its input patch, row, column and
 * channel as in the kernel; g[n,p] `[o]` is the gradient of the loss at the layer's output there. The approximation takes a and g for independent and
 * different positions for uncorrelated; it is exact for a single sample and position, and where all samples have the same a. Batch size has no effect.
 *
 * @returns the layers that it covers, in order; others (normalisation, embedding, depthwise, layers that one pass uses twice) are left out.
 * @throws LetheError for a loss of your own: `curvature/no-factor` without `hessianFactor`, where labels are `"exact"`, and `curvature/sampling` without
 * `sampledGradients`, where they are drawn; `curvature/sampling` for fewer than one draw; and as {@link hessian}.
 *
 * @example
 * const [factor] = await kroneckerFactors(model, data, { context, batchSize: 4 });
 * factor.input.shape; // [3, 3]
 * factor.output.shape; // [4, 4]
 */
export async function kroneckerFactors(model: Model, data: Dataset, options: KroneckerOptions): Promise<readonly KroneckerFactor[]> {
  const setting = resolve(model, data, options, "Kronecker factors");
  const { weights, pass, count } = setting;
  const objectivesFrom = outputObjectives(setting, options.labels ?? "exact");
  const plan = await planFactors(model, data, options.order?.[0] ?? 0);
  const shapes = factorShapes(plan.layers, weights.parameters);
  let position = 0;
  const { sums } = await sumOverBatches(data, shapes, pass, async ({ inputs, labels }) => {
    const host = hostZeros(shapes);
    const objectives = objectivesFrom(position);
    position += labels.shape[0];
    for (const [k, objective] of objectives.entries()) {
      const taps = runTaps(model, plan, weights, inputs, (logits) => tf.sum(objective(logits, labels)));
      try {
        const grams = tf.tidy(() => Object.fromEntries(taps.records.flatMap((record) => gramsOf(record, k === 0, weights.parameters))));
        addInto(host, await toHost(grams));
        tf.dispose(grams);
      } finally {
        disposeTaps(taps);
      }
      pass.context.meter.forward(labels.shape[0]);
      pass.context.meter.backward(labels.shape[0]);
    }
    return { tensors: {}, host };
  });
  const means = mapHost(sums, (value) => value / count);
  // Symmetric but for the rounding of float32 products.
  const matrix = (name: string): Matrix => symmetrise({ shape: means[name].shape as [number, number], values: means[name].values as Float64Array });
  return plan.layers.map(({ name, parameters }) => ({
    name,
    kernel: parameters["kernel"],
    bias: parameters["bias"],
    input: matrix(`${name}/A`),
    output: matrix(`${name}/G`),
  }));
}

/** For the batch that begins at `position`: objectives of which the outer products of the gradients in the logits add up to what G is the mean of. */
function outputObjectives(setting: Setting, labels: NonNullable<KroneckerOptions["labels"]>): (position: number) => readonly Objective[] {
  const { loss } = setting;
  if (labels === "empirical") return () => [loss.objective];
  if (labels === "exact") {
    const objectives = factorObjectives(setting);
    if (objectives) return () => objectives;
    throw new LetheError(
      "curvature/no-factor",
      'This loss gives no factor of its Hessian; give it hessianFactor, or take labels: "empirical", or drawn ones.',
    );
  }
  const gradientAt = sampledOutputGradient(samplingOf(loss), labels);
  const { draws } = labels;
  return (position) =>
    Array.from({ length: draws }, (_, draw) => objectiveWithGradient((logits) => tf.div(gradientAt(logits, draw, position), Math.sqrt(draws))));
}

async function planFactors(model: Model, data: Dataset, first: number): Promise<TapPlan> {
  const { inputs, labels } = readTensors(await data.read([first]));
  try {
    const plan = planTaps(model, inputs);
    return { ...plan, layers: plan.layers.filter(({ kind, parameters }) => (kind === "dense" || kind === "conv2d") && "kernel" in parameters) };
  } finally {
    tf.dispose([inputs, labels]);
  }
}

function factorShapes(layers: readonly LayerInfo[], parameters: TensorTree): ParameterShapes {
  return Object.fromEntries(
    layers.flatMap(({ name, parameters: own }) => {
      const { shape } = parameters[own["kernel"]];
      const outputs = shape.at(-1) as number;
      const inputs = elementCount(shape.slice(0, -1)) + ("bias" in own ? 1 : 0);
      return [
        [`${name}/A`, { shape: [inputs, inputs] }],
        [`${name}/G`, { shape: [outputs, outputs] }],
      ];
    }),
  );
}

/** The batch's sums. A is the same for every class: it is wanted once. */
function gramsOf(record: LayerRecord, withInput: boolean, parameters: TensorTree): [string, tf.Tensor][] {
  const { name } = record.layer;
  const gradients = tf.reshape(record.outputGradient, [-1, record.outputGradient.shape.at(-1) as number]) as tf.Tensor2D;
  const positions = gradients.shape[0] / record.outputGradient.shape[0];
  const output: [string, tf.Tensor] = [`${name}/G`, tf.div(gram(gradients), positions)];
  return withInput ? [[`${name}/A`, gram(inputRows(record, parameters))], output] : [output];
}

/** What the kernel sees, one row per sample and position. */
function inputRows({ layer, input }: LayerRecord, parameters: TensorTree): tf.Tensor2D {
  const seen = layer.kind === "conv2d" ? patches(input as tf.Tensor4D, layer, parameters[layer.parameters["kernel"]].shape) : input;
  const rows = tf.reshape(seen, [-1, seen.shape.at(-1) as number]) as tf.Tensor2D;
  return "bias" in layer.parameters ? tf.concat([rows, tf.ones([rows.shape[0], 1])], 1) : rows;
}

/** Input patches `[n, rows, columns, kh kw c]`, as the convolution with a filter for every element of a patch: geometry is then the kernel's own. */
function patches(input: tf.Tensor4D, { layer }: LayerInfo, kernelShape: readonly number[]): tf.Tensor4D {
  const { strides, padding, dilationRate } = layerInternals(layer);
  const [height, width, channels] = kernelShape;
  const size = height * width * channels;
  const pick = tf.reshape(tf.eye(size), [height, width, channels, size]) as tf.Tensor4D;
  return tf.conv2d(input, pick, strides as [number, number], padding, "NHWC", dilationRate as [number, number]);
}

/** X^T X. Transposed by itself first: the product with a transposed operand is many times slower on the wasm backend. */
function gram(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(tf.transpose(rows), rows);
}
