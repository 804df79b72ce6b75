import * as tf from "@tensorflow/tfjs";
import { createContext, createRandom, Model, readBatch, train, withSeededMathRandom, type Dataset, type TrainingRecorder } from "@lethe/core";
import type { TestProblem } from "./test-problem.ts";

/** Builds the problem's network and trains it on `data`; `artifact` is what the recorder left. */
export async function trainNetwork<Artifact>(
  problem: TestProblem,
  data: Dataset,
  recorder?: TrainingRecorder<Artifact>,
): Promise<{ network: tf.LayersModel; artifact: Artifact | undefined }> {
  const untrained = buildNetwork(problem);
  if (problem.trainedBy === "tfjs") {
    await trainPlainly(untrained, data);
    return { network: untrained, artifact: undefined };
  }
  const start = new Model(untrained);
  const { weights, artifact } = await train({ model: start, data, recipe: problem.recipe, context: createContext(), recorder });
  const { network } = start.copy(weights);
  tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
  start.dispose();
  return { network, artifact };
}

export function buildNetwork(problem: TestProblem): tf.LayersModel {
  return withSeededMathRandom(createRandom(problem.recipe.seed), () => problem.build());
}

/** A few steps of the network's own compiled optimiser, as a user without Lethe takes them; synchronous, so that dropout can be seeded. */
async function trainPlainly(network: tf.LayersModel, data: Dataset): Promise<void> {
  const { inputs, labels } = await readBatch(data, Array.from(data.labels.keys()));
  const targets = tf.oneHot(labels, data.classCount);
  withSeededMathRandom(createRandom("plain"), () => {
    for (let step = 0; step < 20; step++) {
      network.optimizer.minimize(() => {
        const probabilities = network.apply(inputs, { training: true }) as tf.Tensor;
        return tf.mean(tf.metrics.categoricalCrossentropy(targets, probabilities)) as tf.Scalar;
      });
    }
  });
  tf.dispose([inputs, labels, targets]);
}
