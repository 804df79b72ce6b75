import * as tf from "@tensorflow/tfjs";
import { synchronise } from "@lethe/backends";
import { arrayDataset, createContext, createRandom, Model, trainingSteps } from "@lethe/core";
import { smallResNet } from "@lethe/models";
import { significant } from "../../terminal/format.ts";

/** One rate, of which more is better. */
export interface Speed {
  readonly name: string;
  readonly value: number;
  readonly unit: "GFLOP/s" | "images/s";
  /** What exactly was timed. */
  readonly of: string;
}

/** Seconds for each figure, after a first turn that is not counted: it compiles and fills caches. */
const enough = 0.2;

/** In GFLOP/s: slower backends are shown one image, and train no network, which would take them minutes. */
const slow = 4;

/** How fast the backend that is set is at what training and unlearning are made of. */
export async function measureSpeeds(): Promise<readonly Speed[]> {
  const product = await productSpeed();
  if (product.value < slow) return [product, ...(await convolutionSpeeds(1))];
  return [product, ...(await convolutionSpeeds(32)), await trainingSpeed(64)];
}

export function describeSpeed({ value, unit }: Speed): string {
  return `${significant(value)} ${unit}`;
}

async function productSpeed(): Promise<Speed> {
  const side = 512;
  const [a, b] = [tf.randomUniform([side, side]), tf.randomUniform([side, side])];
  const rate = await perSecond(() => tf.matMul(a, b));
  tf.dispose([a, b]);
  return { name: "matrix product", value: (2 * side ** 3 * rate) / 1e9, unit: "GFLOP/s", of: `${side} x ${side} by ${side} x ${side}` };
}

async function convolutionSpeeds(batch: number): Promise<readonly Speed[]> {
  const [side, channels] = [32, 32];
  const x = tf.randomUniform<tf.Rank.R4>([batch, side, side, channels]);
  const filter = tf.randomUniform<tf.Rank.R4>([3, 3, channels, channels]);
  const dy = tf.randomUniform([batch, side, side, channels]);
  const flops = 2 * batch * side * side * 9 * channels * channels;
  const of = `3 x 3, ${batch} x ${side} x ${side} x ${channels} to ${channels} channels`;
  const convolve = (image: tf.Tensor, weights: tf.Tensor): tf.Tensor => tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 1, "same");
  const forward = await perSecond(() => convolve(x, filter));
  const both = tf.grads(convolve);
  const withGradients = await perSecond(() => both([x, filter], dy));
  tf.dispose([x, filter, dy]);
  // tfjs computes the output on the way to the gradients.
  const backward = 1 / Math.max(1 / withGradients - 1 / forward, 1e-9);
  return [
    { name: "convolution", value: (flops * forward) / 1e9, unit: "GFLOP/s", of },
    { name: "its gradients", value: (2 * flops * backward) / 1e9, unit: "GFLOP/s", of },
  ];
}

async function trainingSpeed(batch: number): Promise<Speed> {
  const [side, classes] = [32, 10];
  const untrained = new Model(smallResNet({ inputShape: [side, side, 3], classes }));
  const random = createRandom("doctor");
  const data = arrayDataset({
    inputs: Float32Array.from({ length: batch * side * side * 3 }, () => random.normal()),
    inputShape: [side, side, 3],
    labels: Array.from({ length: batch }, (_, i) => i % classes),
    classCount: classes,
  });
  const recipe = {
    seed: 1,
    epochs: 1000,
    batchSize: batch,
    optimiser: { kind: "sgd", momentum: 0.9 },
    schedule: { kind: "constant", rate: 0.01 },
  } as const;
  let [started, steps] = [0, 0];
  for await (const { taken } of trainingSteps({ model: untrained, data, recipe, context: createContext() })) {
    await synchronise();
    if (taken === 1) started = performance.now();
    else if ((performance.now() - started) / 1000 > 2 * enough) {
      steps = taken - 1;
      break;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  untrained.dispose();
  return {
    name: "training ResNet-8",
    value: (steps * batch) / seconds,
    unit: "images/s",
    of: `width 16, batches of ${batch} x ${side} x ${side} x 3`,
  };
}

async function perSecond(compute: () => tf.Tensor | tf.Tensor[]): Promise<number> {
  const once = async (): Promise<void> => {
    const made = compute();
    await synchronise();
    tf.dispose(made);
  };
  await once();
  let turns = 0;
  const started = performance.now();
  let seconds = 0;
  do {
    await once();
    turns++;
    seconds = (performance.now() - started) / 1000;
  } while (seconds < enough);
  return turns / seconds;
}
