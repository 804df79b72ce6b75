import * as tf from "@tensorflow/tfjs";
import { isLetheError, LetheError } from "@lethe/core";
import { addInPortions } from "./add-n.ts";
import { accumulateFromTheBeginning } from "./cumulative.ts";
import type { WebgpuBackend } from "./device.ts";
import { boundMemory } from "./memory.ts";

const completed = new WeakSet<object>();

/**
 * Makes the WebGPU backend that is set fit for training and long runs: sums of more than seven tensors and cumulative sums are right; errors of the GPU, which tfjs does not look
 * at and which leave wrong numbers behind, come out of the next reading of a tensor; free buffers are given back. Idempotent; after `tf.setBackend("webgpu")`.
 *
 * From then on reading a tensor throws a LetheError: `backend/device-lost` where the GPU went away (driver restarted, laptop asleep, browser tab starved),
 * `backend/out-of-memory`, `backend/device-error`; making one throws `backend/too-large`. After a lost device nothing more can be computed in this process
 * or page: a run goes on from its last checkpoint in a new one.
 *
 * @example
 * await chooseBackend({ name: "webgpu" }); // calls it
 */
export function completeWebgpuBackend(): void {
  const backend = tf.findBackend("webgpu") as unknown as WebgpuBackend | null;
  if (backend == null || completed.has(backend)) return;
  completed.add(backend);
  addInPortions();
  accumulateFromTheBeginning();
  boundMemory(backend.bufferManager, backend.device);
  watchDevice(backend);
}

function watchDevice(backend: WebgpuBackend): void {
  const { device } = backend;
  let loss: LetheError | undefined;
  let failure: LetheError | undefined;
  void device.lost.then(({ reason, message }) => {
    loss = deviceLost(reason, message);
  });
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault?.();
    // The first error is the cause, and the others follow from it.
    failure ??= deviceError(event.error);
  });
  const read = backend.read.bind(backend);
  /** Told once: whoever goes on after an error computes anew. A loss stays. */
  const raise = (): void => {
    const raised = loss ?? failure;
    failure = undefined;
    if (raised !== undefined) throw raised;
  };
  backend.read = async (dataId) => {
    try {
      const values = await read(dataId);
      raise();
      return values;
    } catch (error) {
      // A mapping that is refused may be heard of before the loss that refused it.
      if (!isLetheError(error)) await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      raise();
      throw error;
    }
  };
}

function deviceLost(reason: string, message: string): LetheError {
  const said = [reason, message].filter((part) => part !== "" && part !== "unknown").join(": ");
  return new LetheError(
    "backend/device-lost",
    `The GPU was lost${said === "" ? "" : ` (${said})`}; start again, and a run that keeps checkpoints goes on from the last one.`,
    { reason, message },
  );
}

function deviceError(error: Error): LetheError {
  const memory = error.constructor.name === "GPUOutOfMemoryError" || /out of memory/i.test(error.message);
  const said = error.message.split("\n")[0];
  if (memory) {
    return new LetheError(
      "backend/out-of-memory",
      "The GPU's memory is full; take smaller batches, close what else uses it, or take --backend wasm.",
      { said },
    );
  }
  return new LetheError("backend/device-error", `The GPU refused a computation, so its results are not to be used: ${said}`, { said });
}

/**
 * Waits until all that was asked of the backend has been computed: what is timed without it, on a GPU, is the asking.
 *
 * @example
 * const started = performance.now();
 * const product = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]));
 * await synchronise();
 * performance.now() - started > 0; // true
 */
export async function synchronise(): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  const backend = tf.backend() as unknown as WebgpuBackend;
  if (backend.commandEncoder !== null) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.device.queue.onSubmittedWorkDone();
}
