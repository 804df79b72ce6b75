import { disagreement } from "./disagreement.ts";

/** Agreement of two models' predicted classes, in both senses in use. */
export interface Completeness {
  /** Share of samples on which both predict the same class. */
  readonly agreement: number;
  /** a / (2 n - a) for a agreeing samples among n. */
  readonly intersectionOverUnion: number;
}

/**
 * Completeness: how far the predictions of the unlearned model on the forget set are those of a retrained one.
 *
 * There is no common formula, hence two values. `agreement` is 1 - mean {@link disagreement}. `intersectionOverUnion` takes each model's predictions as the
 * set of its (sample, class) pairs: |P_u and P_r| / |P_u or P_r| = a / (2 n - a). Either is 1 for equal predictions; two retrained models do not
 * reach 1, so compare with their completeness among themselves.
 *
 * @param unlearned `[n]` predicted classes (see {@link predictions}).
 * @param oracle `[n]` predicted classes.
 * @returns null for no samples.
 * @throws LetheError `metrics/shape-mismatch`.
 * @example
 * completeness([1, 2, 3], [1, 2, 0]); // { agreement: 0.666667, intersectionOverUnion: 0.5 }
 */
export function completeness(unlearned: ArrayLike<number>, oracle: ArrayLike<number>): Completeness | null {
  const count = unlearned.length;
  const agreeing = disagreement(unlearned, oracle).reduce((sum, differs) => sum + 1 - differs, 0);
  return count === 0 ? null : { agreement: agreeing / count, intersectionOverUnion: agreeing / (2 * count - agreeing) };
}
