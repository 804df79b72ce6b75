// @ts-check

/**
 * @typedef {object} PairRatio
 * @property {number} ratio median over the pairs of the first side's time over the second's
 * @property {number} min smallest ratio of a pair
 * @property {number} max largest ratio of a pair
 * @property {number} pairs
 * @property {number} firstSeconds median time of the first side
 * @property {number} secondSeconds median time of the second side
 */

/**
 * How long `first` takes in units of how long `second` takes: median over pairs that are timed side by side, so that a machine that slows down or
 * is shared slows both sides of a pair. Every other pair starts with the second side, so that neither always finds the caches warm.
 *
 * Work on a backend that computes asynchronously must await its result, or only its submission is timed.
 *
 * @param {() => unknown} first
 * @param {() => unknown} second
 * @param {{ pairs?: number, warmup?: number, now?: () => number }} [options] `warmup` pairs are run before and not counted; `now` in milliseconds
 * @returns {Promise<PairRatio>}
 * @example
 * await medianOfPairs(() => exact(batch), () => gradient(batch), { pairs: 15, warmup: 3 });
 */
export async function medianOfPairs(first, second, { pairs = 15, warmup = 3, now = () => performance.now() } = {}) {
  if (!Number.isInteger(pairs) || pairs < 1) throw new RangeError(`pairs must be a whole number of at least 1, not ${pairs}.`);
  /** @param {() => unknown} work */
  const seconds = async (work) => {
    const start = now();
    await work();
    return (now() - start) / 1000;
  };
  const timed = [];
  for (let index = -warmup; index < pairs; index++) {
    const firstLeads = index % 2 === 0;
    const early = await seconds(firstLeads ? first : second);
    const late = await seconds(firstLeads ? second : first);
    if (index >= 0) timed.push(firstLeads ? { first: early, second: late } : { first: late, second: early });
  }
  const ratios = timed.map((pair) => pair.first / pair.second);
  return {
    ratio: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    pairs,
    firstSeconds: median(timed.map((pair) => pair.first)),
    secondSeconds: median(timed.map((pair) => pair.second)),
  };
}

/** Middle value, or the mean of the two in the middle. @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted.length >> 1;
  const lower = (sorted.length - 1) >> 1;
  return (Number(sorted[lower]) + Number(sorted[upper])) / 2;
}
