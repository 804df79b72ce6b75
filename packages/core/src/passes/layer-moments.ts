import * as tf from "@tensorflow/tfjs";
import { layerInternals, layerWeight, type LayerRecord, type Weights } from "../model/index.ts";
import { toHost, type HostTree, type TensorTree } from "../tree/index.ts";
import { embeddingMoments } from "./embedding-moments.ts";
import type { BatchSums, RowTerms } from "./sum-over-batches.ts";

/**
 * From a layer's input a and output gradient g to sum_n |dW_n|^power, where dW_n is the gradient of sample n alone.
 *
 * Index letters: n sample, p spatial position or token, i input channel, o output channel, (k, l) kernel offset, ^2 stands for |.|^power.
 *
 * | layer               | gradient of sample n                     | sum over n                                          |
 * | ------------------- | ---------------------------------------- | --------------------------------------------------- |
 * | dense, one position | dW[i,o] = a[n,i] g[n,o]                  | (a^2)^T g^2: one product, no per-sample gradient    |
 * | dense, tokens       | dW[i,o] = sum_p a[n,p,i] g[n,p,o]        | batched products, then ^2 and sum                   |
 * | convolution         | dW[k,l,i,o] = sum_p a[n,p+(k,l),i] g[n,p,o] | batched products over input patches, then ^2 and sum |
 * | depthwise           | dW[k,l,i,m] = sum_p a[n,p+(k,l),i] g[n,p,im] | products and sums                                |
 * | normalisation       | dgamma = sum_p g xhat, dbeta = sum_p g   | ^2 and sum                                          |
 * | any bias            | db[o] = sum_p g[n,p,o]                   | ^2 and sum                                          |
 * | embedding           | dE[v] = sum over p with token v of g[n,p] | on the host, token by token                        |
 */
export async function layerMoments(
  records: readonly LayerRecord[],
  weights: Weights,
  power: 1 | 2,
  convolution: ConvolutionWay = cheapestConvolution(),
): Promise<Required<BatchSums>> {
  const host: Record<string, HostTree[string]> = {};
  const rows: RowTerms[] = [];
  for (const record of records) {
    if (record.layer.kind === "embedding") {
      rows.push(await embeddingMoments(record, power));
      continue;
    }
    const moments = tf.tidy(() => recordMoments(record, weights, power, convolution));
    Object.assign(host, await toHost(moments));
    tf.dispose(moments);
  }
  return { host, rows };
}

type Power = (tensor: tf.Tensor) => tf.Tensor;

function recordMoments(record: LayerRecord, weights: Weights, exponent: 1 | 2, convolution: ConvolutionWay): TensorTree {
  const power: Power = exponent === 2 ? (tensor) => tf.square(tensor) : (tensor) => tf.abs(tensor);
  const { layer, input, outputGradient, part } = record;
  const moments: Record<string, tf.Tensor> = {};
  const put = (role: string, compute: () => tf.Tensor): void => {
    const name = layer.parameters[role];
    if (name !== undefined) moments[name] = tf.reshape(compute(), weights.parameters[name].shape);
  };
  const weightOf = (role: string): tf.Tensor => layerWeight(layer, weights, role);
  switch (layer.kind) {
    case "dense":
      put("kernel", () => denseMoments(input, outputGradient, power));
      break;
    case "conv2d":
      // Backends' filter gradients know no dilation.
      put("kernel", () => (isDilated(record) ? momentsByPatches : convolution)(record, weightOf("kernel").shape, power));
      break;
    case "depthwise-conv2d":
      put("depthwise_kernel", () => depthwiseMoments(record, weightOf("depthwise_kernel").shape, power));
      break;
    case "separable-conv2d":
      if (part === "depthwise") put("depthwise_kernel", () => depthwiseMoments(record, weightOf("depthwise_kernel").shape, power));
      else put("pointwise_kernel", () => denseMoments(input, outputGradient, power));
      break;
    case "batch-normalization":
    case "layer-normalization": {
      const { axes, normalised } = normalise(record, weightOf);
      const others = input.shape.map((_, axis) => axis).filter((axis) => axis !== 0 && !axes.includes(axis));
      const perSample = (values: tf.Tensor): tf.Tensor => tf.sum(power(others.length > 0 ? tf.sum(values, others) : values), 0);
      put("gamma", () => perSample(tf.mul(outputGradient, normalised())));
      put("beta", () => perSample(outputGradient));
      break;
    }
    default:
      throw new Error(`No rule for layers of kind ${layer.kind}.`);
  }
  if (part !== "depthwise") put("bias", () => biasMoments(outputGradient, power));
  return moments;
}

function biasMoments(gradient: tf.Tensor, power: Power): tf.Tensor {
  const channels = gradient.shape[gradient.rank - 1];
  const perSample = gradient.rank === 2 ? gradient : tf.sum(tf.reshape(gradient, [gradient.shape[0], -1, channels]), 1);
  return tf.sum(power(perSample), 0);
}

function denseMoments(input: tf.Tensor, gradient: tf.Tensor, power: Power): tf.Tensor {
  const inputs = input.shape[input.rank - 1];
  const outputs = gradient.shape[gradient.rank - 1];
  const samples = input.shape[0];
  // Transposed by itself first: the product with a transposed operand is many times slower on the wasm backend.
  if (input.rank === 2) return tf.matMul(tf.transpose(power(input)), power(gradient));
  const a = tf.transpose(tf.reshape(input, [samples, -1, inputs]), [0, 2, 1]);
  return sumOfPowers(a as tf.Tensor3D, tf.reshape(gradient, [samples, -1, outputs]), power);
}

/** Most elements of per-sample gradients held at once: 64 MB of float32. */
const largestBlock = 1 << 24;

/** sum_n |a_n g_n|^power for a `[n, i, p]` and g `[n, p, o]`. */
function sumOfPowers(a: tf.Tensor3D, g: tf.Tensor3D, power: Power): tf.Tensor {
  const [samples, inputs] = a.shape;
  const outputs = g.shape[2];
  const block = Math.max(1, Math.floor(largestBlock / (inputs * outputs)));
  return overBlocks(samples, block, [inputs, outputs], (start, count) =>
    tf.sum(power(tf.matMul(tf.slice(a, [start, 0, 0], [count, -1, -1]), tf.slice(g, [start, 0, 0], [count, -1, -1]))), 0),
  );
}

/** Sum of `part` over blocks of samples, each in a tidy of its own, so that only one block's intermediates are alive. */
function overBlocks(samples: number, block: number, shape: number[], part: (start: number, count: number) => tf.Tensor): tf.Tensor {
  let total: tf.Tensor = tf.zeros(shape);
  for (let start = 0; start < samples; start += block) {
    const previous = total;
    total = tf.tidy(() => tf.add(previous, part(start, Math.min(block, samples - start))));
    previous.dispose();
  }
  return total;
}

/** A way to the moments `[kh, kw, i, o]` of a convolution's kernel. */
type ConvolutionWay = (record: LayerRecord, kernelShape: number[], power: Power) => tf.Tensor;

/** By products of input patches with output gradients, batched over samples: few, large operations, as a GPU wants them. */
export function momentsByPatches(record: LayerRecord, kernelShape: number[], power: Power): tf.Tensor {
  const [height, width, inputs, outputs] = kernelShape;
  const [samples, outHeight, outWidth] = record.outputGradient.shape;
  const block = Math.max(1, Math.floor(largestBlock / (height * width * inputs * Math.max(outputs, outHeight * outWidth))));
  const patches = height * width * inputs;
  return overBlocks(samples, block, [patches, outputs], (start, count) => {
    const of = (tensor: tf.Tensor) => tf.slice(tensor, start, count);
    const windows = kernelWindows({ ...record, input: of(record.input), outputGradient: of(record.outputGradient) }, height, width);
    const g = tf.reshape(of(record.outputGradient), [count, -1, outputs]) as tf.Tensor3D;
    const rows = windows.map((window) => tf.transpose(tf.reshape(window, [count, -1, inputs]), [0, 2, 1]) as tf.Tensor3D);
    return tf.sum(power(tf.matMul(rows.length === 1 ? rows[0] : tf.concat(rows, 1), g)), 0);
  });
}

/**
 * One filter gradient per sample beats patches where a kernel call costs little and the backend has the kernel (stock wasm has none;
 * `@lethe/backends` adds it). ResNet-8, width 16, batch 32, wasm: 1.2 times a plain gradient pass instead of 3.9 times.
 */
function cheapestConvolution(): ConvolutionWay {
  const backend = tf.getBackend();
  const onHost = ["cpu", "wasm", "tensorflow"].includes(backend);
  return onHost && tf.getKernel("Conv2DBackpropFilter", backend) !== undefined ? momentsByFilterGradients : momentsByPatches;
}

function isDilated({ layer }: LayerRecord): boolean {
  return layerInternals(layer.layer).dilationRate.some((rate) => rate !== 1);
}

/** By the backend's own filter gradient, sample by sample; for undilated convolutions. */
export function momentsByFilterGradients(record: LayerRecord, kernelShape: number[], power: Power): tf.Tensor {
  const { strides, padding: pad } = layerInternals(record.layer.layer);
  const attributes = { strides: strides as [number, number], pad, dataFormat: "NHWC", filterShape: kernelShape };
  let total: tf.Tensor = tf.zeros(kernelShape);
  for (let n = 0; n < record.input.shape[0]; n++) {
    const previous = total;
    total = tf.tidy(() => {
      const x = tf.slice(record.input, n, 1);
      const dy = tf.slice(record.outputGradient, n, 1);
      return tf.add(previous, power(tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, attributes) as tf.Tensor));
    });
    previous.dispose();
  }
  return total;
}

/** `[kh, kw, i, m]`: channel i feeds the outputs i * multiplier + m. */
function depthwiseMoments(record: LayerRecord, kernelShape: number[], power: Power): tf.Tensor {
  const { input, outputGradient } = record;
  const [samples] = input.shape;
  const [height, width, inputs, multiplier] = kernelShape;
  const g = tf.reshape(outputGradient, [samples, -1, inputs, multiplier]);
  const offsets = kernelWindows(record, height, width).map((window) =>
    tf.tidy(() => tf.sum(power(tf.sum(tf.mul(tf.reshape(window, [samples, -1, inputs, 1]), g), 1)), 0)),
  );
  return tf.stack(offsets);
}

/** For each kernel offset (k, l), row by row, the input values that meet it: `[n, out height, out width, i]`. */
function kernelWindows(record: LayerRecord, height: number, width: number): tf.Tensor4D[] {
  const { strides, dilationRate, padding } = layerInternals(record.layer.layer);
  const input = record.input as tf.Tensor4D;
  const [samples, , , channels] = input.shape;
  const [, outHeight, outWidth] = record.outputGradient.shape;
  const [strideDown, strideRight] = strides;
  const [dilationDown, dilationRight] = dilationRate;
  const information = tf.backend_util.computeConv2DInfo(
    input.shape,
    [height, width, channels, 1],
    [strideDown, strideRight],
    [dilationDown, dilationRight],
    padding,
  );
  const { top, bottom, left, right } = information.padInfo;
  const padded =
    top + bottom + left + right === 0
      ? input
      : tf.pad4d(input, [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]);
  const windows: tf.Tensor4D[] = [];
  for (let k = 0; k < height; k++) {
    for (let l = 0; l < width; l++) {
      const begin = [0, k * dilationDown, l * dilationRight, 0];
      if (strideDown === 1 && strideRight === 1) {
        windows.push(tf.slice4d(padded, begin as [number, number, number, number], [samples, outHeight, outWidth, channels]));
        continue;
      }
      const end = [samples, begin[1] + (outHeight - 1) * strideDown + 1, begin[2] + (outWidth - 1) * strideRight + 1, channels];
      windows.push(tf.stridedSlice(padded, begin, end, [1, strideDown, strideRight, 1]) as tf.Tensor4D);
    }
  }
  return windows;
}

/** The axes that gamma and beta run over, and xhat: the input less mean, over standard deviation. */
function normalise(record: LayerRecord, weightOf: (role: string) => tf.Tensor): { axes: number[]; normalised: () => tf.Tensor } {
  const { input, layer } = record;
  const { axis, epsilon } = layerInternals(layer.layer);
  const axes = [axis].flat().map((each) => (each < 0 ? each + input.rank : each));
  if (layer.kind === "layer-normalization") {
    return {
      axes,
      normalised: () => {
        const { mean, variance } = tf.moments(input, axes, true);
        return tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, epsilon)));
      },
    };
  }
  const shape = input.shape.map((size, each) => (axes.includes(each) ? size : 1));
  return {
    axes,
    normalised: () => {
      const mean = tf.reshape(weightOf("moving_mean"), shape);
      const variance = tf.reshape(weightOf("moving_variance"), shape);
      return tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, epsilon)));
    },
  };
}
