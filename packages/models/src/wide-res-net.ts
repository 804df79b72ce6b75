import type * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, expectRate, refuse, type ClassifierOptions } from "./classifier.ts";
import { add, batchNorm, centredConvolution, chain, dropout, globalAverage, relu, type Step } from "./layers.ts";

export interface WideResNetOptions extends ClassifierOptions {
  /** d = 6 N + 4 with N blocks per stage. Default 28. */
  readonly depth?: number;
  /** k: the stages have 16 k, 32 k and 64 k filters. Default 10. */
  readonly widening?: number;
  /** Filters of the stem, 1/k of the first stage's. Default 16. */
  readonly width?: number;
  /** Rate between the two convolutions of every block. Default 0; the paper also tries 0.3. */
  readonly dropout?: number;
}

/**
 * The wide residual network WRN-d-k (Zagoruyko and Komodakis 2016), pre-activation: a 3x3 stem, three stages of N blocks with stride 2 at the start of the
 * last two, `norm` and `relu`, a global average, `classifier`. A block gives conv2(relu(norm2(conv1(relu(norm1(x)))))) + shortcut; where
 * the shape changes the shortcut is a 1x1 convolution of relu(norm1(x)), without batch norm, and elsewhere x itself. Layers are named after their place,
 * e.g. `stage2/block1/conv1`.
 *
 * Convolutions have no bias; their kernels start from He's normal distribution by fan-out, as in the authors' code; batch norm keeps 0.9 of its
 * moving statistics at each step, epsilon 1e-5. Trainable parameters with 3 channels and 10 classes: WRN-28-10 36,479,194, WRN-16-4 2,748,890.
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1605.07146
 * @example
 * const network = wideResNet({ inputShape: [32, 32, 3], classes: 10, depth: 10, widening: 1 });
 * network.name; // "wrn-10-1"
 */
export function wideResNet(options: WideResNetOptions): tf.LayersModel {
  const { inputShape, depth = 28, widening = 10, width = 16, dropout: rate = 0 } = options;
  if (!Number.isInteger(depth) || depth < 10 || depth % 6 !== 4) refuse("wide-resnet", "depth", String(depth), "6 N + 4 with N blocks per stage");
  expectPositive("wide-resnet", "widening", widening);
  expectPositive("wide-resnet", "width", width);
  expectRate("wide-resnet", "dropout", rate);
  expectImages("wide-resnet", inputShape);
  const blocks = (depth - 4) / 6;
  return classifier(`wrn-${depth}-${widening}`, options, (input) => {
    let features = centredConvolution("stem/conv", { filters: width, kernelSize: 3 })(input);
    for (const stage of [1, 2, 3]) {
      for (let block = 1; block <= blocks; block++) {
        const strides = stage > 1 && block === 1 ? 2 : 1;
        features = wideBlock(`stage${stage}/block${block}/`, width * widening * 2 ** (stage - 1), strides, rate)(features);
      }
    }
    return chain(batchNorm("norm"), relu("relu"), globalAverage("pool"))(features);
  });
}

function wideBlock(prefix: string, filters: number, strides: number, rate: number): Step {
  const convolutions = chain(
    centredConvolution(`${prefix}conv1`, { filters, kernelSize: 3, strides }),
    batchNorm(`${prefix}norm2`),
    relu(`${prefix}relu2`),
    dropout(`${prefix}dropout`, rate),
    centredConvolution(`${prefix}conv2`, { filters, kernelSize: 3 }),
  );
  return (input) => {
    const activated = chain(batchNorm(`${prefix}norm1`), relu(`${prefix}relu1`))(input);
    const changesShape = strides > 1 || input.shape.at(-1) !== filters;
    const shortcut = changesShape ? centredConvolution(`${prefix}shortcut/conv`, { filters, kernelSize: 1, strides })(activated) : input;
    return add(`${prefix}add`, convolutions(activated), shortcut);
  };
}
