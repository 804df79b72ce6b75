import * as tf from "@tensorflow/tfjs";
import { classifier, expectImages, expectPositive, type ClassifierOptions } from "./classifier.ts";
import { convolutionAndNorm, relu } from "./layers.ts";

export interface SmallResNetOptions extends ClassifierOptions {
  /** Filters w of the first stage; the others have 2 w and 4 w. Default 16. */
  readonly width?: number;
  /** Basic blocks n per stage; the depth is 6 n + 2. Default 1, ResNet-8; 3 is ResNet-20. */
  readonly blocks?: number;
}

/**
 * The residual networks for 32 x 32 images of He et al. (2016), section 4.2: a 3x3 stem of w filters, three stages of n basic blocks with w,
 * 2 w and 4 w filters, stride 2 at the start of stages 2 and 3, global average pooling, `classifier`. Layers are named after their place:
 * `stem/conv`, `stage2/block1/conv1`, `stage2/block1/norm1`, ..., `stage2/block1/shortcut/conv`.
 *
 * Differs from the paper: shortcuts that change shape are 1x1 convolutions with batch norm (its option B; for CIFAR it used option A,
 * padding with zeros), and padding is tfjs's `same`, which at stride 2 on even sides adds a row below and a column on the right where the
 * paper's code adds one all around. Kernels start from He's normal distribution, convolutions have no bias, batch norm keeps 0.9 of its
 * moving statistics at each step, epsilon 1e-5.
 *
 * Trainable parameters of a basic block from a to b filters: 9 a b + 9 b b + 4 b, and a b + 2 b more for a projection. ResNet-8 has 78,042
 * and ResNet-20 has 272,474 (w 16, 3 channels, 10 classes).
 *
 * @throws LetheError `model/bad-option`.
 * @see https://arxiv.org/abs/1512.03385
 * @example
 * const network = smallResNet({ inputShape: [32, 32, 3], classes: 10, blocks: 3 });
 * network.name; // "resnet20"
 */
export function smallResNet(options: SmallResNetOptions): tf.LayersModel {
  const { inputShape, width = 16, blocks = 1 } = options;
  expectPositive("resnet", "width", width);
  expectPositive("resnet", "blocks", blocks);
  const name = `resnet${6 * blocks + 2}`;
  expectImages(name, inputShape);
  return classifier(name, options, (input) => {
    let features = relu("stem/relu")(convolutionAndNorm("stem/", "", { filters: width, kernelSize: 3 })(input));
    for (const stage of [1, 2, 3]) {
      for (let block = 1; block <= blocks; block++) {
        const strides = stage > 1 && block === 1 ? 2 : 1;
        features = basicBlock(`stage${stage}/block${block}/`, features, width * 2 ** (stage - 1), strides);
      }
    }
    return tf.layers.globalAveragePooling2d({ name: "pool" }).apply(features) as tf.SymbolicTensor;
  });
}

/** relu(norm2(conv2(relu1(norm1(conv1(x))))) + shortcut(x)). */
function basicBlock(prefix: string, input: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor {
  const first = relu(`${prefix}relu1`)(convolutionAndNorm(prefix, "1", { filters, kernelSize: 3, strides })(input));
  const second = convolutionAndNorm(prefix, "2", { filters, kernelSize: 3 })(first);
  const sameShape = strides === 1 && input.shape.at(-1) === filters;
  const shortcut = sameShape ? input : convolutionAndNorm(`${prefix}shortcut/`, "", { filters, kernelSize: 1, strides })(input);
  const sum = tf.layers.add({ name: `${prefix}add` }).apply([second, shortcut]) as tf.SymbolicTensor;
  return relu(`${prefix}relu2`)(sum);
}
