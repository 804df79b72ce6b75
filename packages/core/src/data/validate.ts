import { LetheError, expectShape } from "../errors/index.ts";
import { elementCount } from "../tree/index.ts";
import type { Dataset, Samples } from "./dataset.ts";

/**
 * Checks what can be checked without reading inputs: ids unique, labels in range, columns as long as the data set.
 *
 * @throws LetheError `data/empty`, `data/duplicate-id`, `data/label-out-of-range`, `data/shape-mismatch`.
 */
export function validateDataset(dataset: Dataset): void {
  if (dataset.size === 0) throw new LetheError("data/empty", `The data set ${dataset.name} has no samples.`);
  for (const [column, values] of Object.entries(dataset.columns ?? {})) {
    if (values.length === dataset.size) continue;
    const sentence = `The column ${column} of ${dataset.name} has ${values.length} entries for ${dataset.size} samples.`;
    throw new LetheError("data/shape-mismatch", sentence, { column, entries: values.length, size: dataset.size });
  }
  const seen = new Set<string>();
  for (let i = 0; i < dataset.size; i++) {
    const id = dataset.ids[i];
    if (seen.has(id)) throw new LetheError("data/duplicate-id", `The id ${id} names two samples of ${dataset.name}.`, { id });
    seen.add(id);
    const label = dataset.labels[i];
    if (!Number.isInteger(label) || label < 0 || label >= dataset.classCount) {
      throw new LetheError(
        "data/label-out-of-range",
        `Sample ${id} has label ${label}; the ${dataset.classCount} classes of ${dataset.name} are 0 to ${dataset.classCount - 1}.`,
        { id, label, classCount: dataset.classCount },
      );
    }
  }
}

/** @throws LetheError `data/no-such-sample` for a position that is no whole number from 0 to size - 1. */
export function expectPositions(indices: ArrayLike<number>, size: number, name: string): void {
  for (let i = 0; i < indices.length; i++) {
    if (Number.isInteger(indices[i]) && indices[i] >= 0 && indices[i] < size) continue;
    throw new LetheError("data/no-such-sample", `${name} has no sample at position ${indices[i]}; there are ${size}.`, { position: indices[i], size });
  }
}

/**
 * Checks samples that were just read: shape and labels are the promised ones and every value is finite.
 *
 * @throws LetheError `data/shape-mismatch`, `data/label-mismatch`, `data/non-finite` (names the sample).
 */
export function validateSamples(dataset: Dataset, indices: ArrayLike<number>, samples: Samples): void {
  expectShape("data/shape-mismatch", `Inputs read from ${dataset.name}`, [indices.length, ...dataset.inputShape], samples.inputs.shape);
  if (samples.labels.length !== indices.length) {
    throw new LetheError("data/shape-mismatch", `${dataset.name} gave ${samples.labels.length} labels for ${indices.length} samples.`);
  }
  for (let i = 0; i < indices.length; i++) {
    const [read, known] = [samples.labels[i], dataset.labels[indices[i]]];
    if (read === known) continue;
    const id = dataset.ids[indices[i]];
    throw new LetheError("data/label-mismatch", `Reading sample ${id} of ${dataset.name} gave the label ${read}, but its list of labels says ${known}.`, { id });
  }
  const { values } = samples.inputs;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const id = dataset.ids[indices[Math.floor(i / elementCount(dataset.inputShape))]];
    throw new LetheError("data/non-finite", `Sample ${id} of ${dataset.name} holds ${values[i]}; mend or remove it first.`, { id, value: values[i] });
  }
}
