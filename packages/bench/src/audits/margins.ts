import type { Dataset, HostTensor } from "@lethe/core";
import { margin } from "@lethe/metrics";

/**
 * Margins of some samples, in the order of their ids.
 *
 * @param logits `[n, c]` on all of the data.
 */
export function marginsOf(logits: HostTensor, data: Pick<Dataset, "ids" | "labels">, ids: readonly string[]): Float64Array {
  const all = margin(logits, data.labels);
  const rows = new Map(data.ids.map((id, row) => [id, row]));
  return Float64Array.from(ids, (id) => all[rows.get(id)!]);
}

/** Rows of equal length, as `[rows, width]`. */
export function stacked(rows: readonly Float64Array[], width: number): HostTensor {
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, index) => values.set(row, index * width));
  return { shape: [rows.length, width], values };
}
