import * as tf from "@tensorflow/tfjs";
import { createContext, toHost, train, type Recipe } from "@lethe/core";
import { models } from "./networks.ts";
import type { ParityCase } from "./parity-case.ts";

/** 12 samples in batches of 6: two steps an epoch, 50 in all. */
const common = { seed: 5, epochs: 25, batchSize: 6 } as const;

/** Rates at which rounding is damped rather than amplified: beyond them no two orders of summation agree after 50 steps. */
const momentum: Recipe = { ...common, optimiser: { kind: "sgd", momentum: 0.9 }, schedule: { kind: "cosine", rate: 0.005 } };
/** Divides each gradient by its own size, and so blows rounding up to full steps where a gradient is zero in exact arithmetic, as in attention. */
const adam: Recipe = { ...common, optimiser: { kind: "adam", weightDecay: 1e-3 }, schedule: { kind: "constant", rate: 0.001 } };

/** 50 steps: the losses on the way, and the weights at the end. */
export const trainingCases: readonly ParityCase[] = Object.entries(models).map(([network, make]) => ({
  group: "training",
  name: network,
  async compute() {
    const { model, data } = make();
    const recipe = network === "perceptron" ? adam : momentum;
    const { weights, losses } = await train({ model, data, recipe, context: createContext() });
    try {
      const flat = { ...(await toHost(weights.parameters)), ...(await toHost(weights.buffers)) };
      return { losses: { shape: [losses.length], values: losses }, ...flat };
    } finally {
      tf.dispose([weights.parameters, weights.buffers] as tf.TensorContainer);
      model.dispose();
    }
  },
}));
