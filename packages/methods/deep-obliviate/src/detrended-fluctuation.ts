/**
 * The exponent of detrended fluctuation analysis of first order (DFA-1).
 *
 *     y = cumulative sum of (x - mean x)
 *     F(n) = mean over windows of length n, half overlapping, of the RMS of y around a straight line fitted to the window
 *     exponent = slope of log F(n) on log n
 *
 * Windows 4 to 9 for 11 to 70 values, 4 times powers of 1.2 up to a tenth of the length above, N - 2 and N - 1 for 10 values or fewer, where the exponent
 * says next to nothing. As in the library `nolds`, a window that would end with the last value is left out. White noise has 0.5, a random walk 1.5. It is not the exponent of a decay: exact power laws k^-0.3 to k^-1 all give about 2.
 *
 * @returns undefined for fewer than 6 values and where nothing fluctuates.
 * @example
 * detrendedFluctuation([3, 3, 3, 3, 3, 3, 3, 3]); // undefined
 */
export function detrendedFluctuation(values: readonly number[]): number | undefined {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let sum = 0;
  const profile = values.map((value) => (sum += value - mean));
  const points = windowsFor(values.length)
    .map((window) => ({ window, fluctuation: fluctuation(profile, window) }))
    // What is left of a constant, or of a line, once rounded is no fluctuation.
    .filter(({ fluctuation: each }) => each > 1e-12 * Math.max(...profile.map(Math.abs)));
  if (points.length < 2) return undefined;
  return line(
    points.map(({ window }) => Math.log(window)),
    points.map(({ fluctuation: each }) => Math.log(each)),
  ).slope;
}

function windowsFor(length: number): readonly number[] {
  if (length < 6) return [];
  if (length <= 10) return [length - 2, length - 1];
  if (length <= 70) return [4, 5, 6, 7, 8, 9];
  const windows = new Set<number>();
  for (let window = 4; window <= length / 10; window *= 1.2) windows.add(Math.floor(window));
  return [...windows];
}

/** F(n) */
function fluctuation(profile: readonly number[], window: number): number {
  const at = Array.from({ length: window }, (_, i) => i);
  const step = Math.floor(window / 2);
  let sum = 0;
  let windows = 0;
  for (let start = 0; start + window < profile.length; start += step, windows++) {
    const part = profile.slice(start, start + window);
    const { slope, intercept } = line(at, part);
    sum += Math.sqrt(part.reduce((squares, value, i) => squares + (value - slope * i - intercept) ** 2, 0) / window);
  }
  return sum / windows;
}

/** The least-squares line of y on x. */
export function line(x: readonly number[], y: readonly number[]): { readonly slope: number; readonly intercept: number } {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    covariance += (x[i] - meanX) * (y[i] - meanY);
    variance += (x[i] - meanX) ** 2;
  }
  const slope = covariance / variance;
  return { slope, intercept: meanY - slope * meanX };
}
