import * as tf from "@tensorflow/tfjs";
import { median } from "./conv.ts";

/** ResNet-20 for 32 x 32 images (three stages of three blocks of two 3 x 3 convolutions), batch norm after every convolution. */
function resnet20(width = 16): tf.LayersModel {
  const input = tf.input({ shape: [32, 32, 3] });
  const conv = (x: tf.SymbolicTensor, filters: number, kernelSize: number, strides: number): tf.SymbolicTensor => {
    const options = {
      filters,
      kernelSize,
      strides,
      padding: "same",
      useBias: false,
      kernelInitializer: "heNormal",
    } as const;
    const y = tf.layers.conv2d(options).apply(x) as tf.SymbolicTensor;
    return tf.layers.batchNormalization().apply(y) as tf.SymbolicTensor;
  };
  const relu = (x: tf.SymbolicTensor): tf.SymbolicTensor => tf.layers.reLU().apply(x) as tf.SymbolicTensor;
  let x = relu(conv(input, width, 3, 1));
  for (let stage = 0; stage < 3; stage++) {
    for (let block = 0; block < 3; block++) {
      const [filters, strides] = [width << stage, stage > 0 && block === 0 ? 2 : 1];
      const y = conv(relu(conv(x, filters, 3, strides)), filters, 3, 1);
      const shortcut = strides === 1 ? x : conv(x, filters, 1, strides);
      x = relu(tf.layers.add().apply([y, shortcut]) as tf.SymbolicTensor);
    }
  }
  const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  return tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 10 }).apply(pooled) as tf.SymbolicTensor,
  });
}

/** One step of plain gradient descent: forward in training mode, cross-entropy, gradients of all parameters, update. */
function trainingStep(model: tf.LayersModel, images: tf.Tensor, labels: tf.Tensor, optimizer: tf.Optimizer): void {
  const loss = (): tf.Scalar => {
    const logits = model.apply(images, { training: true }) as tf.Tensor2D;
    return tf.losses.softmaxCrossEntropy(labels, logits).asScalar();
  };
  const cost = optimizer.minimize(
    loss,
    true,
    model.trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  cost?.dataSync();
  cost?.dispose();
}

/** Images per second of a ResNet-20 training step at batch 32 on the backend that is set: median over `steps`. */
export function resnetImagesPerSecond(steps = 7, batch = 32): number {
  const model = resnet20();
  const images = tf.randomNormal([batch, 32, 32, 3], 0, 1, "float32", 1);
  const labels = tf.tidy(() =>
    tf
      .oneHot(
        tf.tensor1d(
          Array.from({ length: batch }, (_, index) => index % 10),
          "int32",
        ),
        10,
      )
      .toFloat(),
  );
  const optimizer = tf.train.sgd(0.01);
  const times = Array.from({ length: steps + 2 }, () => {
    const start = performance.now();
    trainingStep(model, images, labels, optimizer);
    return performance.now() - start;
  }).slice(2);
  tf.dispose([images, labels]);
  model.dispose();
  return (1000 * batch) / median(times);
}
