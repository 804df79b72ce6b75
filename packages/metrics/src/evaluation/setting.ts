import { createRandom, LetheError } from "@lethe/core";
import type { Matrix } from "../outputs/matrix.ts";
import type { MarkedData } from "./marked.ts";
import type { SetName } from "./metric.ts";
import type { ModelOutputs } from "./outputs.ts";

/** What all models of one evaluation share: labels, the scenario, and which samples play which part in the attacks. */
export interface Setting {
  readonly labels: Readonly<Record<SetName, Int32Array>>;
  readonly classCount: number;
  /** The classes that were to be forgotten as a whole; none when samples were. */
  readonly forgottenClasses: readonly number[];
  /**
   * Positions in the test set of samples whose class occurs in the forget set. Attacks compare the forget set with these alone: else they
   * would tell classes apart, not members from others. All of the test set for most random forget sets.
   */
  readonly unseen: Uint32Array;
  /** The halves that fit and check a loss threshold: positions in retain, in test, and the unseen ones of the other half of test. */
  readonly halves: { readonly members: Uint32Array; readonly nonMembers: Uint32Array; readonly unseen: Uint32Array };
  /** Who teaches the support-vector attack: equally many positions in retain and in test, drawn at random, {@link svcLimit} of each at most. */
  readonly svc: { readonly members: Uint32Array; readonly nonMembers: Uint32Array };
  /** For drawing more; the same for all models. */
  readonly seed: number;
  /** The model before unlearning. */
  readonly original: ModelOutputs;
  /** `[n of forget, c]` probabilities of untrained networks on the forget set; empty when none were given. */
  readonly untrained: readonly Matrix[];
  /** Null unless the training data was marked. */
  readonly marked: MarkedData | null;
}

/** Members and non-members each in the support-vector attack; its time grows with the square of their number and more. */
export const svcLimit = 500;

/**
 * @throws LetheError `metrics/bad-argument` for a forgotten class that is no class.
 */
export function createSetting(
  labels: Readonly<Record<SetName, Int32Array>>,
  classCount: number,
  forgottenClasses: readonly number[],
  seed: number,
): Omit<Setting, "original" | "untrained" | "marked"> {
  const stranger = forgottenClasses.find((label) => !(Number.isInteger(label) && label >= 0 && label < classCount));
  if (stranger !== undefined) {
    throw new LetheError("metrics/bad-argument", `The forgotten class ${stranger} is none of the ${classCount} classes.`, {
      forgottenClass: stranger,
      classCount,
    });
  }
  const random = createRandom(seed).split("evaluate");
  const forgotten = new Set(labels.forget);
  const isUnseen = (position: number) => forgotten.has(labels.test[position]);
  const retain = random.split("retain").permutation(labels.retain.length);
  const test = random.split("test").permutation(labels.test.length);
  const middle = test.length >> 1;
  const svcCount = Math.min(svcLimit, retain.length, test.length);
  return {
    labels,
    classCount,
    forgottenClasses,
    unseen: Uint32Array.from(labels.test.keys()).filter(isUnseen),
    halves: { members: retain.slice(0, retain.length >> 1), nonMembers: test.slice(0, middle), unseen: test.slice(middle).filter(isUnseen) },
    svc: { members: retain.slice(0, svcCount), nonMembers: test.slice(0, svcCount) },
    seed,
  };
}

/** The values at these positions. */
export function pick(values: ArrayLike<number>, positions: Uint32Array): Float64Array {
  return Float64Array.from(positions, (position) => values[position]);
}
