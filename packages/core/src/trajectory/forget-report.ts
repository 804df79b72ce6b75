import type { TrainingSnapshot } from "../train/index.ts";
import type { SnapshotProvenance } from "./chain.ts";
import type { DestroyedSnapshot, UndestroyedSnapshot } from "./removal.ts";

/** A snapshot that takes the place of one that contained forgotten samples. */
export interface ReplacementSnapshot {
  readonly snapshot: TrainingSnapshot;
  readonly provenance: SnapshotProvenance;
  /** Default: the one after the snapshot before. A greater one leaves out snapshots that the budget, or `keepEvery`, would not keep. */
  readonly index?: number | undefined;
}

export interface ForgetOptions {
  /** Takes the place of the trajectory's, at the same moment. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export interface ForgetReport {
  /** Index of the first snapshot that the samples may have shaped; undefined where there is none. */
  readonly from: number | undefined;
  /** Files of snapshots that contained the samples, by index. */
  readonly destroyed: readonly DestroyedSnapshot[];
  /** Those that count no more but could not be removed. The next deletion, or the next opening, tries again. */
  readonly undestroyed: readonly UndestroyedSnapshot[];
  /** Indices of the snapshots that took their place. */
  readonly published: readonly number[];
}
