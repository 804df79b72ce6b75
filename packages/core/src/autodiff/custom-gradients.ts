import type * as tf from "@tensorflow/tfjs";
import { backwardIsRecorded, forwardIsNested } from "./recording.ts";
import { rerun } from "./rerun.ts";
import { unfused } from "./unfused.ts";

type Engine = ReturnType<typeof tf.engine>;
type CustomGradient = Parameters<Engine["customGrad"]>[0];

/**
 * Lets the operations that tfjs writes with `tf.customGrad` (log-softmax, softmax cross entropy, fused layers), and the user's own, be
 * differentiated twice.
 *
 * What such an operation computes on the way forward is hidden from differentiation, so that its gradient takes it for constant: silently wrong.
 * Inside two gradients a fused layer is therefore computed in sight, from its parts ({@link unfused}). Any other operation is computed once more, in
 * sight, when its backward pass is recorded, and the gradient is taken from there. Elsewhere nothing changes. An operation has to give the same
 * result twice, as all of tfjs's do.
 */
export function recomputeCustomGradients(engine: Engine): void {
  const original = engine.customGrad.bind(engine);
  engine.customGrad = ((operation: CustomGradient) =>
    (...inputs: tf.Tensor[]) => {
      if (!forwardIsNested()) return original(operation)(...inputs);
      const inSight = unfused(engine, operation, inputs);
      if (inSight) return inSight;
      const wrapped: CustomGradient = (...args) => {
        const save = args.at(-1) as (tensors: tf.Tensor[]) => void;
        const forward = collecting(operation, inputs);
        save([...inputs, ...forward.saved]);
        const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor | tf.Tensor[] => {
          if (!backwardIsRecorded()) return forward.gradFunc(dy, saved.slice(inputs.length));
          const replacements = new Map(inputs.map(({ id }, i) => [id, saved[i]]));
          const again = rerun(engine, replacements, () => collecting(operation, saved.slice(0, inputs.length)));
          return again.gradFunc(dy, again.saved);
        };
        return { value: forward.value, gradFunc };
      };
      return original(wrapped)(...inputs);
    }) as Engine["customGrad"];
}

interface Result {
  readonly value: tf.Tensor;
  readonly gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly saved: tf.Tensor[];
}

/** Runs an operation and keeps what it wants saved. */
function collecting(operation: CustomGradient, inputs: readonly tf.Tensor[]): Result {
  let saved: tf.Tensor[] = [];
  const result = operation(...inputs, (tensors) => {
    saved = tensors;
  });
  return { ...result, saved };
}
