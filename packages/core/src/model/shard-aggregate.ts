import * as tf from "@tensorflow/tfjs";
import { constantMax } from "./constant-max.ts";

/** How the constituents of a sharded network are heard together: by the mean of their probabilities, or by majority of their decisions. */
export type Aggregation = "mean" | "vote";

interface AggregateOptions {
  readonly aggregation: Aggregation;
  /** What makes probabilities of the logits: over the classes together, or of each one by itself. */
  readonly link: "softmax" | "sigmoid";
}

type Config = ConstructorParameters<typeof tf.layers.Layer>[0] & AggregateOptions;

/** Stands for log 0: its exponential is exactly 0, and no infinity can make a NaN. */
const farBelow = -1e9;

/**
 * The last layer of a sharded network: logits z_s `[n, c]` of S constituents to logits `[n, c]` of them all.
 *
 *     mean:  log p_c             with p = sum_s w_s softmax(z_s) / W,  W = sum_s w_s, so that softmax gives p back
 *     vote:  log (S v_c + 1) / (S + c)    with v_c = sum_s w_s [arg-max z_s = c] / W
 *
 * The vote's arg-max is the class of most votes, the lowest such class of several; one is added to each class's votes so that none has logit -infinity.
 * A vote has no gradient. Where every class has a sigmoid of its own (one unit: of class 1 against class 0), `log p` is `log p / (1 - p)`.
 *
 * Its one weight, w `[S] float32`, not trainable, is 1 for each constituent until training sets it; a constituent of weight 0 is not heard.
 */
export class ShardAggregate extends tf.layers.Layer {
  static readonly className = "LetheShardAggregate";
  readonly aggregation: Aggregation;
  readonly link: "softmax" | "sigmoid";
  #weights: tf.LayerVariable | undefined;

  constructor(config: Config) {
    super(config);
    this.aggregation = config.aggregation;
    this.link = config.link;
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    this.#weights = this.addWeight("weights", [shapesOf(inputShape).length], "float32", tf.initializers.ones(), undefined, false);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return shapesOf(inputShape)[0];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const logits = tf.stack([inputs].flat()) as tf.Tensor3D;
      const weights = tf.reshape(this.#weights!.read(), [logits.shape[0], 1, 1]);
      return this.aggregation === "mean" ? meanOf(logits, weights, this.link) : voteOf(logits, weights, this.link);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), aggregation: this.aggregation, link: this.link };
  }
}

/**
 * Makes {@link ShardAggregate} known to `tf.loadLayersModel`. A program that only loads a sharded network has to call it once before; calling it
 * again changes nothing.
 *
 * @example
 * const files = {};
 * await saveNetwork(shardedNetwork(network, { shards: 2 }), filesInMemory(files));
 * registerShardAggregate();
 * const ensemble = await tf.loadLayersModel(filesInMemory(files));
 * ensemble.outputShape; // [null, 4]
 */
export function registerShardAggregate(): void {
  tf.serialization.registerClass(ShardAggregate);
}

/** @param logits `[s, n, c]`. @param weights `[s, 1, 1]`. */
function meanOf(logits: tf.Tensor3D, weights: tf.Tensor, link: AggregateOptions["link"]): tf.Tensor {
  const shares = tf.sub(tf.where(tf.greater(weights, 0), tf.log(weights), tf.fill(weights.shape, farBelow)), tf.log(tf.sum(weights)));
  const mean = (logProbabilities: tf.Tensor) => logSumExp(tf.add(logProbabilities, shares), 0);
  if (link === "softmax") return mean(tf.sub(logits, tf.expandDims(logSumExp(logits, 2), 2)));
  const logSigmoid = (z: tf.Tensor) => tf.neg(tf.softplus(tf.neg(z)));
  return tf.sub(mean(logSigmoid(logits)), mean(logSigmoid(tf.neg(logits))));
}

function voteOf(logits: tf.Tensor3D, weights: tf.Tensor, link: AggregateOptions["link"]): tf.Tensor {
  const [constituents, , units] = logits.shape;
  const decisions = units === 1 ? tf.cast(tf.greater(logits, 0), "float32") : tf.oneHot(tf.argMax(logits, 2) as tf.Tensor2D, units);
  // Sums of whole numbers, which are exact: a tie is a tie on every backend.
  const votes = tf.sum(tf.mul(tf.cast(decisions, "float32"), weights), 0);
  const shares = tf.div(tf.add(tf.mul(votes, tf.div(constituents, tf.sum(weights))), 1), constituents + Math.max(units, 2));
  return link === "softmax" ? tf.log(shares) : tf.sub(tf.log(shares), tf.log(tf.sub(1, shares)));
}

/** From primitives, because tfjs's own has wrong second derivatives. */
function logSumExp(values: tf.Tensor, axis: number): tf.Tensor {
  const largest = constantMax(values, axis);
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(values, largest)), axis)), tf.squeeze(largest, [axis]));
}

function shapesOf(shapes: tf.Shape | tf.Shape[]): readonly tf.Shape[] {
  return Array.isArray(shapes[0]) ? (shapes as tf.Shape[]) : [shapes as tf.Shape];
}
