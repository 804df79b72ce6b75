import { identifyDataset, type Dataset } from "../data/index.ts";
import { LetheError } from "../errors/index.ts";

/** Which samples stored sums are over: enough to identify the data and to take a sample out once, without its content. Plain JSON. */
export type SampleRoll = {
  readonly ids: readonly string[];
  readonly labels: readonly number[];
  readonly classCount: number;
  readonly inputShape: readonly number[];
};

export function sampleRoll({ ids, labels, classCount, inputShape }: Dataset): SampleRoll {
  return { ids, labels: [...labels], classCount, inputShape };
}

/** The part of an artifact that says which data it stands for. */
export async function identifyRoll({ labels, ...roll }: SampleRoll): Promise<{ readonly identity: string; readonly size: number }> {
  return { identity: await identifyDataset({ ...roll, labels: Int32Array.from(labels) }), size: roll.ids.length };
}

/**
 * Only samples that are in the sums can be taken out of them, and only once.
 *
 * @throws LetheError `artifact/unknown-samples`.
 */
export function expectOnRoll(roll: SampleRoll, { ids }: Pick<Dataset, "ids">): void {
  const known = new Set(roll.ids);
  const stranger = ids.find((id) => !known.has(id));
  if (stranger === undefined) return;
  throw new LetheError(
    "artifact/unknown-samples",
    `The artifact knows nothing of sample ${stranger}: the model was not trained on it, or it has been forgotten already.`,
    { id: stranger },
  );
}

/**
 * The roll that is left after a request.
 *
 * @example
 * const roll = { ids: ["a", "b", "c"], labels: [0, 1, 0], classCount: 2, inputShape: [4] };
 * rollWithout(roll, { ids: ["b"] }).labels; // [0, 0]
 */
export function rollWithout(roll: SampleRoll, { ids }: Pick<Dataset, "ids">): SampleRoll {
  const gone = new Set(ids);
  const left = [...roll.ids.keys()].filter((i) => !gone.has(roll.ids[i]));
  return { ...roll, ids: left.map((i) => roll.ids[i]), labels: left.map((i) => roll.labels[i]) };
}
