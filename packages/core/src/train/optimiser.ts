import * as tf from "@tensorflow/tfjs";
import { mapTree, type TensorTree } from "../tree/index.ts";
import type { OptimiserOptions } from "./recipe.ts";

/** One step as a pure function; whatever an optimiser remembers lives in `slots`, so that a checkpoint is just trees. */
export interface Optimiser {
  start(parameters: TensorTree): TensorTree;
  /** @param step steps taken before this one. */
  update(state: OptimiserState, gradient: TensorTree, rate: number, step: number): OptimiserState;
}

export interface OptimiserState {
  readonly parameters: TensorTree;
  readonly slots: TensorTree;
}

/** The results of `start` and `update` belong to the surrounding tidy. */
export function createOptimiser(options: OptimiserOptions): Optimiser {
  return options.kind === "sgd" ? sgd(options) : adam(options);
}

/**
 * g <- g + weightDecay theta;  v <- momentum v + g;  theta <- theta - rate v  (Nesterov: theta <- theta - rate (g + momentum v)).
 * PyTorch's convention: no dampening, decay inside the gradient, applied to every parameter.
 */
function sgd({ momentum = 0, nesterov = "off", weightDecay = 0 }: Extract<OptimiserOptions, { kind: "sgd" }>): Optimiser {
  return {
    start: (parameters) =>
      momentum === 0
        ? {}
        : prefixed(
            "velocity",
            mapTree(parameters, (tensor) => tf.zerosLike(tensor)),
          ),
    update({ parameters, slots }, gradient, rate) {
      const next: Record<string, tf.Tensor> = {};
      const nextSlots: Record<string, tf.Tensor> = {};
      for (const [name, theta] of Object.entries(parameters)) {
        const g = decayed(gradient[name], theta, weightDecay);
        let direction = g;
        if (momentum !== 0) {
          const velocity = tf.add(tf.mul(slots[`velocity/${name}`], momentum), g);
          nextSlots[`velocity/${name}`] = velocity;
          direction = nesterov === "on" ? tf.add(g, tf.mul(velocity, momentum)) : velocity;
        }
        next[name] = tf.sub(theta, tf.mul(direction, rate));
      }
      return { parameters: next, slots: nextSlots };
    },
  };
}

/** Kingma & Ba 2015, algorithm 1, bias-corrected; weight decay as an L2 term in the gradient, as PyTorch's Adam has it. */
function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: Extract<OptimiserOptions, { kind: "adam" }>): Optimiser {
  const zeros = (parameters: TensorTree) => mapTree(parameters, (tensor) => tf.zerosLike(tensor));
  return {
    start: (parameters) => ({ ...prefixed("moment1", zeros(parameters)), ...prefixed("moment2", zeros(parameters)) }),
    update({ parameters, slots }, gradient, rate, step) {
      const correction1 = 1 - beta1 ** (step + 1);
      const correction2 = 1 - beta2 ** (step + 1);
      const next: Record<string, tf.Tensor> = {};
      const nextSlots: Record<string, tf.Tensor> = {};
      for (const [name, theta] of Object.entries(parameters)) {
        const g = decayed(gradient[name], theta, weightDecay);
        const m = tf.add(tf.mul(slots[`moment1/${name}`], beta1), tf.mul(g, 1 - beta1));
        const v = tf.add(tf.mul(slots[`moment2/${name}`], beta2), tf.mul(tf.square(g), 1 - beta2));
        const denominator = tf.add(tf.sqrt(tf.div(v, correction2)), epsilon);
        next[name] = tf.sub(theta, tf.mul(tf.div(m, denominator), rate / correction1));
        nextSlots[`moment1/${name}`] = m;
        nextSlots[`moment2/${name}`] = v;
      }
      return { parameters: next, slots: nextSlots };
    },
  };
}

function decayed(gradient: tf.Tensor, theta: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(theta, weightDecay));
}

function prefixed(prefix: string, tree: TensorTree): TensorTree {
  return Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));
}
