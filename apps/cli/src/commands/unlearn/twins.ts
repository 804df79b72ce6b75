import { findDuplicates, twinsOutside, type Duplicates } from "@lethe/datasets";
import type { OpenRun } from "../../runs/open.ts";
import type { Session } from "../../session.ts";
import { plural } from "../../terminal/format.ts";

/** A sample to forget, and the nearest sample that is all but the same and stays. */
export interface StayingTwin {
  readonly id: string;
  readonly twin: string;
  /** 0 for the same bits. */
  readonly distance: number;
}

/** What stays and is all but the same as something to be forgotten. Plain JSON. */
export interface Twins extends Pick<Duplicates, "likeness" | "threshold"> {
  /** Retained samples of the training data, one for each sample to forget that has any. */
  readonly retained: readonly StayingTwin[];
  /** The same of the test data. */
  readonly test: readonly StayingTwin[];
}

/** Looks for twins of what is to be forgotten, before anything is done. */
export async function findTwins(
  { remaining, data }: OpenRun,
  forget: readonly string[],
  { environment: { signal }, progress }: Pick<Session, "environment" | "progress">,
): Promise<Twins> {
  const test = data.test === undefined ? {} : { test: data.test };
  const duplicates = await findDuplicates(remaining, { of: forget, signal, onProgress: progress.report, ...test });
  const twins = twinsOutside(duplicates, forget);
  const nearest = (set: "data" | "test") => {
    // They come nearest first for each.
    const byId = new Map<string, StayingTwin>();
    for (const { id, twin, distance } of twins) if (twin.set === set && !byId.has(id)) byId.set(id, { id, twin: twin.id, distance });
    return [...byId.values()];
  };
  return { likeness: duplicates.likeness, threshold: duplicates.threshold, retained: nearest("data"), test: nearest("test") };
}

/** Ids that a note names. */
const named = 3;

/** Sentences for a person; none where there are no twins. */
export function twinNotes({ retained, test }: Twins, forgotten: number): readonly string[] {
  const those = (twins: readonly StayingTwin[]) => {
    const pairs = twins.slice(0, named).map(({ id, twin }) => `${id} = ${twin}`);
    return `${pairs.join(", ")}${twins.length > named ? ` and ${twins.length - named} more (--json lists them)` : ""}`;
  };
  const have = (twins: readonly StayingTwin[]) =>
    `${twins.length} of the ${plural(forgotten, "sample")} to forget ${twins.length === 1 ? "has a twin" : "have twins"}`;
  return [
    ...(retained.length === 0
      ? []
      : [
          `${have(retained)} that stay${retained.length === 1 ? "s" : ""}: ${those(retained)}. A forgotten sample whose twin stays cannot be forgotten.`,
        ]),
    ...(test.length === 0 ? [] : [`${have(test)} in the test data: ${those(test)}. What is measured on unseen samples is not quite unseen there.`]),
  ];
}
