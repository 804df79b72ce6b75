import { addInto, hostZeros, type Context, type HostTree } from "@lethe/core";
import type { LoggedUpdate } from "./update-file.ts";
import type { UpdateLog } from "./update-log.ts";

/**
 * Sum of logged updates in float64, in the order in which training took the steps, so that equal requests give equal bits. One update and the sum are in memory.
 */
export async function sumOfUpdates(log: UpdateLog, updates: readonly LoggedUpdate[], context: Context): Promise<HostTree> {
  const sum = hostZeros(Object.fromEntries(log.head.layout.map(([name, shape]) => [name, { shape }])));
  for (const [i, update] of updates.entries()) {
    await context.pause();
    addInto(sum, await log.read(update));
    context.report({ phase: "subtracting updates", completed: i + 1, total: updates.length, unit: "steps" });
  }
  return sum;
}

/**
 * theta - sum in float64, rounded once.
 *
 * @example
 * const theta = { w: { shape: [2], values: Float32Array.of(1, 3) } };
 * subtracted(theta, { w: { shape: [2], values: Float64Array.of(0.25, -1) } }).w.values; // [0.75, 4]
 */
export function subtracted(theta: HostTree, sum: HostTree): HostTree {
  return Object.fromEntries(
    Object.entries(theta).map(([name, { shape, values }]) => {
      const terms = sum[name].values;
      const result = new Float32Array(values.length);
      for (let i = 0; i < result.length; i++) result[i] = values[i] - terms[i];
      return [name, { shape, values: result }];
    }),
  );
}

/** Euclidean norm over all elements of `a - b`, or of `a`. */
export function distance(a: HostTree, b?: HostTree): number {
  let sum = 0;
  for (const [name, { values }] of Object.entries(a)) {
    const others = b?.[name].values;
    for (let i = 0; i < values.length; i++) sum += (values[i] - (others?.[i] ?? 0)) ** 2;
  }
  return Math.sqrt(sum);
}
