/** The mean over random probes. */
export interface Estimate {
  readonly estimate: number;
  /** Standard deviation of the probes' values over the root of their number. */
  readonly standardError: number;
}

/** Mean and standard error of two or more values. */
export function estimateFrom(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { estimate: mean, standardError: Math.sqrt(variance / values.length) };
}
