/**
 * A number with its noun, for sentences. English whatever the machine speaks, so that a log means the same everywhere.
 *
 * @example
 * plural(1, "sample"); // "1 sample"
 * plural(2000, "sample"); // "2,000 samples"
 */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US", { maximumFractionDigits: 0 })} ${noun}${count === 1 ? "" : "s"}`;
}
