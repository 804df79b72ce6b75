/**
 * What happens to the largest value of both samples, which lies on the upper edge of the last bin.
 *
 * - `closed`: it belongs to the last bin.
 * - `reference`: it is dropped and the rest normalised, as the reference code of KLoM does (RoyRin/data-unlearning-bench at eb261f9), for
 *   numbers that are to agree with it. Oracles all at 3 against unlearned models all at 5 then give 0, and the other way round nothing is left.
 */
export type KlomEdges = "closed" | "reference";

const binCount = 20;
const floor = 1e-5;
const limit = 100;

/**
 * KL(p || q) in nats of the histograms of two samples over their joint range.
 *
 * @returns null if no value of a sample's own is left, which only `"reference"` edges can do.
 */
export function binnedKl(first: Float64Array, second: Float64Array, edges: KlomEdges): number | null {
  const p = first.map(cut);
  const q = second.map(cut);
  const start = Math.min(...p, ...q);
  const largest = Math.max(...p, ...q);
  // A single value gets a range of 1, so that it lies in the first bin and nothing is lost.
  const end = start < largest ? largest : start + 1;
  const bounds = Float64Array.from({ length: binCount + 1 }, (_, i) => (i === binCount ? end : i * ((end - start) / binCount) + start));
  const pShares = shares(p, bounds, edges);
  if (pShares === null) return null;
  const qShares = shares(q, bounds, edges) ?? new Float64Array(binCount);
  const raised = qShares.map((share, i) => (pShares[i] > 0 ? Math.max(share, floor) : share));
  const total = raised.reduce((a, b) => a + b, 0);
  const divergence = pShares.reduce((sum, share, i) => (share > 0 ? sum + share * Math.log((share * total) / raised[i]) : sum), 0);
  // Equal histograms may come out just below 0.
  return Math.max(0, divergence);
}

/** Share of the sample in each bin; null if every value was dropped. */
function shares(values: Float64Array, bounds: Float64Array, edges: KlomEdges): Float64Array | null {
  const counts = new Float64Array(binCount);
  for (const value of values) {
    let bin = 0;
    while (bin < binCount && bounds[bin + 1] <= value) bin++;
    if (bin < binCount) counts[bin]++;
    else if (edges === "closed") counts[binCount - 1]++;
  }
  const total = counts.reduce((a, b) => a + b, 0);
  return total === 0 ? null : counts.map((count) => count / total);
}

function cut(margin: number): number {
  return Math.min(limit, Math.max(-limit, margin));
}
