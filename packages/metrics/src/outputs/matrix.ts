import { LetheError, type HostTensor } from "@lethe/core";

/** Rows of float64 numbers in host memory, row-major: `[n, c]` probabilities or log-probabilities. */
export interface Matrix {
  readonly shape: readonly [number, number];
  readonly values: Float64Array;
}

/**
 * The two sizes of `[n, c]` logits, after the checks that every formula here relies on.
 *
 * A NaN would win no comparison and silently become class 0, so non-finite logits are refused rather than measured.
 *
 * @param subject what the error calls the tensor.
 * @throws LetheError `metrics/shape-mismatch` unless the tensor is `[n, c]` with n c values and c >= 1;
 * `metrics/non-finite-logits`, naming the row.
 */
export function sizesOfLogits(logits: HostTensor, subject = "the logits"): { readonly count: number; readonly classCount: number } {
  const [count, classCount] = logits.shape;
  if (logits.shape.length !== 2 || classCount < 1 || logits.values.length !== count * classCount) {
    throw new LetheError(
      "metrics/shape-mismatch",
      `Logits must be [samples, classes]; ${subject} have shape [${logits.shape.join(", ")}] and ${logits.values.length} values.`,
      { subject, shape: logits.shape, values: logits.values.length },
    );
  }
  const bad = logits.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const row = Math.floor(bad / classCount);
    throw new LetheError("metrics/non-finite-logits", `In row ${row}, ${subject} hold ${logits.values[bad]}; the model has diverged.`, {
      subject,
      row,
    });
  }
  return { count, classCount };
}

/**
 * @param subject what the labels belong to, in errors.
 * @throws LetheError `metrics/shape-mismatch` unless there is one label per sample;
 * `metrics/label-out-of-range` unless each is an integer with 0 <= label < classCount.
 */
export function checkLabels(labels: ArrayLike<number>, count: number, classCount: number, subject = "the logits"): void {
  if (labels.length !== count) {
    throw new LetheError("metrics/shape-mismatch", `There are ${labels.length} labels for the ${count} rows of ${subject}.`, {
      subject,
      labels: labels.length,
      rows: count,
    });
  }
  for (let i = 0; i < count; i++) {
    const label = labels[i];
    if (Number.isInteger(label) && label >= 0 && label < classCount) continue;
    throw new LetheError("metrics/label-out-of-range", `Row ${i} of ${subject} has label ${label}, which is none of the ${classCount} classes.`, {
      subject,
      row: i,
      label,
      classCount,
    });
  }
}
