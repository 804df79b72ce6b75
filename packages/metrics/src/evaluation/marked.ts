import { LetheError } from "@lethe/core";
import { checkLabels } from "../outputs/matrix.ts";

/** Training data that somebody marked beforehand, to see by the marks whether it was forgotten. */
export interface MarkedData {
  /** `[n of forget]` the classes that the samples had before they were mislabelled, or have still; `labels.forget` holds what was trained on. */
  readonly originalLabels: ArrayLike<number>;
  /** Class that a trigger stands for. Logits of `"triggered"` then are what each model says of the test set with the trigger in every sample. */
  readonly target?: number;
  /** Two classes whose labels were swapped in part. */
  readonly confused?: readonly [number, number];
}

/** @throws LetheError `metrics/bad-argument`, `metrics/shape-mismatch`, `metrics/label-out-of-range`. */
export function checkMarked({ originalLabels, target, confused }: MarkedData, forgetCount: number, classCount: number): void {
  checkLabels(originalLabels, forgetCount, classCount, "the forget set before it was marked");
  const odd = [target ?? 0, ...(confused ?? [])].find((label) => !(Number.isInteger(label) && label >= 0 && label < classCount));
  if (odd === undefined) return;
  throw new LetheError("metrics/bad-argument", `The class ${odd} of the marked data is none of the ${classCount} classes.`, {
    class: odd,
    classCount,
  });
}
