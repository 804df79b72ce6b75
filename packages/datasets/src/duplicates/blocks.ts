import { aborted, elementCount, type Dataset, type HostTensor } from "@lethe/core";

/** Input values in memory at once: 16 MB of float32, or one sample. */
const valuesAtOnce = 2 ** 22;

export function samplesAtOnce({ inputShape }: Pick<Dataset, "inputShape">): number {
  return Math.max(1, Math.floor(valuesAtOnce / Math.max(1, elementCount(inputShape))));
}

/**
 * Reads all inputs, a block at a time.
 *
 * @param body gets the values `[count, ...inputShape]` and the position of the first.
 * @throws LetheError `run/aborted`.
 */
export async function forEachBlock(
  data: Dataset,
  body: (values: HostTensor["values"], count: number, first: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const atOnce = samplesAtOnce(data);
  for (let first = 0; first < data.size; first += atOnce) {
    // An interruption, and whatever else waits, gets its turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal?.aborted) throw aborted(signal);
    const count = Math.min(atOnce, data.size - first);
    const { inputs } = await data.read(Array.from({ length: count }, (_, i) => first + i));
    body(inputs.values, count, first);
  }
}
