import { detrendedFluctuation } from "./detrended-fluctuation.ts";

/** Y(k) = a k^-h + b */
export interface PowerLaw {
  readonly a: number;
  readonly h: number;
  readonly b: number;
}

/**
 * How detrended fluctuation analysis enters the fit, which the sources do not agree on:
 *
 * - `all`: a, h and b are all fitted; the DFA exponent (0.1 at least) is one more value of h that the search begins from. As the search covers all of h
 *   anyway, it hardly ever decides anything.
 * - `dfa`: h is the DFA exponent, a and b are fitted. Of a clean decay that exponent is about 2 whatever the decay (see {@link detrendedFluctuation}).
 */
export type PowerLawReading = "all" | "dfa";

/**
 * The power law nearest to values at k = 1, 2, ..., in squares, with a >= 0 and h from 0.01 to 5.
 *
 * For each h, a and b are a linear problem of two unknowns; the best h of a logarithmic grid is refined by golden sections. Deterministic.
 *
 * @returns undefined for fewer than 3 values, and for the reading `dfa` where the values have no DFA exponent.
 * @example
 * const { h } = fitPowerLaw(Array.from({ length: 30 }, (_, i) => 2 * (i + 1) ** -0.5 + 0.1), "all");
 * Math.round(h * 1e6) / 1e6; // 0.5
 */
export function fitPowerLaw(values: readonly number[], reading: PowerLawReading): PowerLaw | undefined {
  if (values.length < 3) return undefined;
  const dfa = detrendedFluctuation(values);
  if (reading === "dfa") return dfa === undefined ? undefined : linearFit(values, Math.max(dfa, leastGuess)).law;
  const misfit = (logarithm: number) => linearFit(values, Math.exp(logarithm)).squares;
  const guess = dfa === undefined ? [] : [Math.log(Math.min(Math.max(dfa, leastGuess), largest))];
  const grid = [...Array.from({ length: steps + 1 }, (_, i) => logSmallest + i * spacing), ...guess].toSorted((x, y) => x - y);
  const misfits = grid.map(misfit);
  const best = misfits.indexOf(Math.min(...misfits));
  const refined = goldenSection(misfit, grid[Math.max(best - 1, 0)], grid[Math.min(best + 1, grid.length - 1)]);
  return linearFit(values, Math.exp(misfit(refined) <= misfits[best] ? refined : grid[best])).law;
}

/** Y'(k) = -a h k^(-h-1) */
export function slopeAt({ a, h }: PowerLaw, k: number): number {
  return -a * h * k ** (-h - 1);
}

/** Sum of Y(k) for k = from .. to, values below 0 counted as 0. */
export function sumOf({ a, h, b }: PowerLaw, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) sum += Math.max(a * k ** -h + b, 0);
  return sum;
}

const leastGuess = 0.1;
const largest = 5;
const logSmallest = Math.log(0.01);
const steps = 60;
const spacing = (Math.log(largest) - logSmallest) / steps;

/** a >= 0 and b of the least squares for a given h. */
function linearFit(values: readonly number[], h: number): { readonly law: PowerLaw; readonly squares: number } {
  const powers = values.map((_, i) => (i + 1) ** -h);
  const meanPower = powers.reduce((sum, power) => sum + power, 0) / values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let covariance = 0;
  let variance = 0;
  powers.forEach((power, i) => {
    covariance += (power - meanPower) * (values[i] - mean);
    variance += (power - meanPower) ** 2;
  });
  const a = Math.max(covariance / variance, 0);
  const b = mean - a * meanPower;
  return { law: { a, h, b }, squares: powers.reduce((sum, power, i) => sum + (values[i] - a * power - b) ** 2, 0) };
}

/** Where a function with one valley is least. */
function goldenSection(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [low, high];
  let [x, y] = [right - ratio * (right - left), left + ratio * (right - left)];
  let [atX, atY] = [f(x), f(y)];
  for (let i = 0; i < 80 && right - left > 1e-12; i++) {
    if (atX < atY) {
      [right, y, atY] = [y, x, atX];
      x = right - ratio * (right - left);
      atX = f(x);
    } else {
      [left, x, atX] = [x, y, atY];
      y = left + ratio * (right - left);
      atY = f(y);
    }
  }
  return (left + right) / 2;
}
