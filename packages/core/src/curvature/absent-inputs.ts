import * as tf from "@tensorflow/tfjs";

type AddTapeNode = (kernelName: string, inputs: Record<string, tf.Tensor | undefined>, ...rest: unknown[]) => void;

/**
 * Runs `body` with what a kernel was not given left out of what tfjs writes down for differentiation.
 *
 * The fused kernels that layers use take optional inputs; tfjs stumbles over those that are absent where none of the present ones leads to what is
 * differentiated by: below a frozen layer, or in J v, whose gradient is in none of the parameters.
 */
export function withoutAbsentInputs<Result>(body: () => Result): Result {
  const engine = tf.engine() as unknown as { addTapeNode: AddTapeNode };
  const own = Object.hasOwn(engine, "addTapeNode");
  const original = engine.addTapeNode;
  engine.addTapeNode = (kernelName, inputs, ...rest) => {
    const present = Object.fromEntries(Object.entries(inputs).filter(([, input]) => input !== undefined && input !== null));
    original.call(engine, kernelName, present, ...rest);
  };
  try {
    return body();
  } finally {
    if (own) engine.addTapeNode = original;
    else delete (engine as Partial<typeof engine>).addTapeNode;
  }
}
