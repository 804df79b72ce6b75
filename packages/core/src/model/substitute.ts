import type * as tf from "@tensorflow/tfjs";
import { layerInternals, type LayerCall, type LayerInternals, type VariableInternals } from "./internals.ts";

/**
 * Temporary changes to a network, undone together.
 *
 * tfjs layers read their weights through `LayerVariable.read()`, which returns the field `val`. Putting other tensors there for the length
 * of one synchronous call makes the network a pure function of them: gradients flow to the substituted tensors, and the user's own
 * weights are never written to.
 */
export class Substitution {
  readonly #undo: (() => void)[] = [];

  /** `variable` reads as `value` until restored; whatever the network writes to it goes to `onWrite` instead. */
  weight(variable: VariableInternals, value: tf.Tensor, onWrite: (value: tf.Tensor) => void): void {
    const original = variable.val;
    variable.val = value;
    variable.write = onWrite;
    this.#undo.push(() => {
      variable.val = original;
      // The override is an own property over the prototype's method.
      delete (variable as Partial<VariableInternals>).write;
    });
  }

  /** `layer` computes by `call` until restored; `call` receives the layer's own implementation. */
  call(layer: tf.layers.Layer, call: (original: LayerCall) => LayerCall): void {
    const internals = layerInternals(layer);
    const own = Object.hasOwn(internals, "call") ? internals.call : undefined;
    internals.call = call(internals.call.bind(internals));
    this.#undo.push(() => {
      if (own) internals.call = own;
      else delete (internals as Partial<LayerInternals>).call;
    });
  }

  /** `layer[field]` is `value` until restored. */
  field<Field extends "activation" | "scale" | "gamma" | "center" | "beta" | "kernel" | "depthwiseKernel" | "dilationRate">(
    layer: tf.layers.Layer,
    field: Field,
    value: LayerInternals[Field],
  ): void {
    const internals = layerInternals(layer);
    const original = internals[field];
    internals[field] = value;
    this.#undo.push(() => {
      internals[field] = original;
    });
  }

  restore(): void {
    while (this.#undo.length > 0) this.#undo.pop()?.();
  }
}

/** Runs `body` with a substitution in force and restores the network whatever happens. `body` must be synchronous. */
export function substituting<Result>(body: (substitution: Substitution) => Result): Result {
  const substitution = new Substitution();
  try {
    return body(substitution);
  } finally {
    substitution.restore();
  }
}
