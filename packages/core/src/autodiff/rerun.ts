import type * as tf from "@tensorflow/tfjs";
import { LetheError } from "../errors/index.ts";

type Engine = ReturnType<typeof tf.engine>;
/** By name, but a list for concat and its like. */
type Inputs = readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor | null | undefined>>;
type RunKernel = (kernelName: string, inputs: Inputs, attributes?: object) => unknown;

/**
 * Runs an operation's `body` once more, with `replacements` (by id) wherever a kernel is given what the operation was called with the first time.
 *
 * Operations that are made with `tf.customGrad`, tfjs's own among them, hand kernels what they were called with rather than what they are handed when
 * they run. By the second run that has been freed: where copies share memory the numbers happen to be there still, on the wasm backend as it comes they
 * are not. And what a kernel may do without, a bias say, they pass on as `undefined`, over which tfjs stumbles when it looks for what leads to the
 * variables.
 *
 * @throws LetheError `autodiff/freed-tensor` for a tensor from around the operation that is gone by now.
 */
export function rerun<Result>(engine: Engine, replacements: ReadonlyMap<number, tf.Tensor>, body: () => Result): Result {
  const patched = engine as unknown as { runKernel: RunKernel };
  const own = Object.hasOwn(engine, "runKernel");
  const original = patched.runKernel;
  patched.runKernel = (kernelName, inputs, attributes) => {
    const alive = (input: tf.Tensor): tf.Tensor => {
      const tensor = replacements.get(input.id) ?? input;
      if (!engine.state.tensorInfo.has(tensor.dataId)) throw freedTensor(kernelName);
      return tensor;
    };
    const present = Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined && entry[1] !== null);
    const given = Array.isArray(inputs) ? inputs.map(alive) : Object.fromEntries(present.map(([name, input]) => [name, alive(input)]));
    return original.call(engine, kernelName, given, attributes);
  };
  try {
    return body();
  } finally {
    if (own) patched.runKernel = original;
    else delete (patched as Partial<typeof patched>).runKernel;
  }
}

function freedTensor(kernel: string): LetheError {
  return new LetheError(
    "autodiff/freed-tensor",
    `An operation made with tf.customGrad gives the kernel ${kernel} a tensor from around it that has been freed by the time of the second derivative; make that tensor an input of the operation, or keep it alive.`,
    { kernel },
  );
}
