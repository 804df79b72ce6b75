import type * as tf from "@tensorflow/tfjs";
import { floats, output } from "./kernel.ts";
import type { Inputs, WasmBackend } from "./kernel.ts";

/**
 * Kernel Tile for float32, by block copies inside the heap: the innermost axis first, each block once from x and then from its own copy. The
 * stock kernel computes an index per element; it was the largest cost of a ResNet training step.
 */
export function tileByBlocks(backend: WasmBackend, inputs: Inputs, { reps }: { reps: readonly number[] }): tf.TensorInfo | undefined {
  const { x } = inputs as { x: tf.TensorInfo };
  const shape = x.shape.map((size, axis) => size * (reps[axis] as number));
  if (x.dtype !== "float32" || shape.includes(0)) return undefined;
  const y = output(backend, shape);
  const [from, to] = [floats(backend, x), floats(backend, y)];
  let read = 0;
  let written = 0;
  const write = (axis: number): void => {
    const start = written;
    if (axis === shape.length - 1 && x.shape[axis] === 1) {
      written += reps[axis] as number;
      to.fill(from[read++] as number, start, written);
      return;
    }
    if (axis >= shape.length - 1) {
      const size = x.shape[axis] ?? 1;
      for (const end = read + size; read < end;) to[written++] = from[read++] as number;
    } else {
      for (let index = 0; index < (x.shape[axis] as number); index++) write(axis + 1);
    }
    const end = start + (written - start) * (reps[axis] ?? 1);
    // Doubling: what is written so far is copied behind itself until the block is full.
    while (written < end) {
      const length = Math.min(written - start, end - written);
      to.copyWithin(written, start, start + length);
      written += length;
    }
  };
  write(0);
  return y;
}
