import type { Dataset } from "../../data/index.ts";
import { layerInputs, type Model, type Weights } from "../../model/index.ts";
import type { BatchPass } from "../batch-pass.ts";
import { overBatches } from "../over-batches.ts";
import type { PassOptions } from "../read-batches.ts";
import type { Engine } from "./heap.ts";
import { linearMaps, type WindowStride } from "./linear-maps.ts";
import { MomentSums, type SumOptions } from "./moment-sums.ts";

/** C = sum of x x^T over the vectors x that one kernel is multiplied by. */
export interface InputMoment {
  /** Name of the kernel in the parameter tree. */
  readonly kernel: string;
  readonly layer: string;
  /** A separable convolution has two kernels and so two moments. */
  readonly part: "whole" | "depthwise" | "pointwise";
  /** d, the length of x: the rows of the kernel as a matrix `[d, outputs]`, in the order (kernel row, kernel column, input channel). */
  readonly dimension: number;
  /** Of depthwise kernels: how many input channels there are, each with a C of its own. */
  readonly channels?: number;
  /** `[d, d]`, of depthwise kernels `[channels, d, d]`: row-major, symmetric. */
  readonly values: Float64Array;
  /** Vectors summed; of depthwise kernels, in each channel. */
  readonly count: number;
}

export interface InputMomentsOptions extends PassOptions {
  /** Where a convolution's windows lie: `"unit"`, at every place, or `"layer"`, where the layer has them. */
  readonly stride: WindowStride;
  /** Where; default the model's own. */
  readonly weights?: Weights;
  /** Default `"simd"` where there is such a thing. */
  readonly engine?: Engine;
}

export interface InputMoments {
  /** In the order of the parameters. */
  readonly moments: readonly InputMoment[];
  /** Parameters of rank 2 and more that no moment belongs to: kernels of layers of other kinds, or of layers that no pass calls. Embeddings and what normalises are not among them. */
  readonly uncovered: readonly string[];
}

/**
 * C_l = sum over samples, and over positions, of x x^T for the input vectors x of every dense layer and convolution, inference mode: one forward pass,
 * and products of its activations.
 *
 * | layer     | x                                                        | C                         |
 * | --------- | -------------------------------------------------------- | ------------------------- |
 * | dense     | the last axis of the input, at every token               | `[inputs, inputs]`        |
 * | conv2d    | a window, `[kernel row, kernel column, channel]` flattened | `[taps channels, same]`   |
 * | depthwise | a window of one channel                                  | `[channels, taps, taps]`  |
 * | separable | first as depthwise, then as a 1 x 1 convolution          | one of each               |
 *
 * C is a plain sum, neither centred nor divided, so that C of a union is the sum of C's. A layer that is called more than once sums over its calls.
 * Biases are not appended to x. What lies outside an image counts as zeros.
 *
 * Where a sample has many vectors, products are summed in float32 by 64 and these sums added in float64: over 8,000 windows, max |C - C64| was 6e-9 of
 * max |C64| and the spectral norm of the difference 1.5e-9 of that of C64, C64 being the same sums in float64 throughout. Dense layers that see one vector a sample are summed in float64 throughout, because there may be fewer samples than inputs, and
 * eigenvalues that should be zero then are (1e-16 of the largest). Engines without 128-bit WebAssembly sum everything in float64, many times slower.
 *
 * Cost: in forward passes on the wasm backend, AllCNN 2.9, ResNet-8 2.5 (more where a wide dense layer is most of a small network), and at the end some
 * 30 ns for each entry of every C, which counts where there are few samples. The products are made on the host, whatever the backend, so that on a GPU they take nearly all of the time. Memory: one batch of
 * activations, and 8 bytes for each entry of every C, twice.
 *
 * Needed by projected-gradient unlearning (Hoang, Rana, Gupta and Venkatesh 2024) and by gradient projection memory.
 *
 * @throws LetheError `pass/non-finite`, `pass/out-of-memory`, `run/aborted`, `data/non-finite`, `data/shape-mismatch`.
 * @see https://arxiv.org/abs/2312.04095
 * @example
 * const { moments } = await inputMoments(model, data, { stride: "unit", batchSize: 32, phase: "layer inputs", context });
 * moments[0].dimension; // 2
 * moments[0].count; // 8
 */
export async function inputMoments(model: Model, data: Dataset, options: InputMomentsOptions): Promise<InputMoments> {
  const { weights = model.weights, stride, engine, batchSize, phase } = options;
  const input = { model, weights, arguments: { stride, batchSize, phase, ...(engine ? { engine } : {}) } };
  let moments: readonly InputMoment[] = [];
  for await (const some of overBatches(inputMomentsPass, input, data, options)) moments = moments.length === 0 ? some : added(moments, some);
  const covered = new Set(moments.map(({ kernel }) => kernel));
  return { moments, uncovered: kernelsOf(model).filter((name) => !covered.has(name)) };
}

interface InputMomentsArguments extends SumOptions {
  readonly phase: string;
}

/** The matrices are large, and what is made once of each is much work: so a worker sums a number of batches before it hands them over. */
export const inputMomentsPass: BatchPass<InputMomentsArguments, readonly InputMoment[]> = {
  name: "input-moments",
  batchesAtOnce: 16,
  begin({ model, weights, arguments: given }, context) {
    const maps = linearMaps(model.layers);
    const layers = [...new Set(maps.map(({ layer }) => layer))];
    return async (batches) => {
      const sums = new MomentSums(maps, weights, given);
      for await (const { inputs, labels } of batches) {
        const records = layerInputs(model, layers, weights, inputs);
        try {
          sums.expect(records);
          for (const record of records) {
            await context.pause();
            sums.add(record, (await record.input.data()) as Float32Array);
          }
        } finally {
          records.forEach(({ input }) => input.dispose());
        }
        context.meter.forward(labels.shape[0]);
      }
      return sums.moments(given.phase);
    };
  },
};

/** The sums of both; the values of the first are written to. A pass calls the same layers with every batch. */
function added(moments: readonly InputMoment[], more: readonly InputMoment[]): readonly InputMoment[] {
  return moments.map((moment, k) => {
    const { values, count } = more[k];
    for (let i = 0; i < values.length; i++) moment.values[i] += values[i];
    return { ...moment, count: moment.count + count };
  });
}

/** Parameters of rank 2 and more, in their order, that may multiply a vector. */
export function kernelsOf(model: Model): string[] {
  const others = model.layers.filter(({ kind }) => ["embedding", "batch-normalization", "layer-normalization"].includes(kind));
  const left = new Set(others.flatMap(({ parameters }) => Object.values(parameters)));
  return Object.entries(model.parameters).flatMap(([name, { shape }]) => (shape.length >= 2 && !left.has(name) ? [name] : []));
}
