import type { Interval, Metric } from "@lethe/metrics";

/** Stands for a number that does not exist. */
export const missing = "–";

interface Kind {
  readonly name: string;
  readonly unit: Metric["unit"];
}

/** Areas under a curve are shares by unit, but nobody reads them in percent. */
export function isPercent({ name, unit }: Kind): boolean {
  return unit === "share" && !name.includes("-auc");
}

/** A value of a metric, without its unit: percent with one decimal, everything else with three. */
export function formatValue(kind: Kind, value: number | null): string {
  if (value === null) return missing;
  return isPercent(kind) ? decimal(100 * value, 1) : decimal(value, 3);
}

export function formatInterval(kind: Kind, interval: Interval): string {
  return `${formatValue(kind, interval.lower)} to ${formatValue(kind, interval.upper)}`;
}

/** With a true minus sign, and none before a zero. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

/** Of a change of weights: from millionths to thousands. */
export function formatLength(length: number | null): string {
  if (length === null) return missing;
  if (length >= 100) return groupThousands(Math.round(length));
  return length === 0 ? "0" : String(Number(length.toPrecision(2)));
}

/** A time in its own unit, with spaces that do not break. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return missing;
  if (seconds < 0.00095) return `${Number((1000 * seconds).toPrecision(1))}\u00A0ms`;
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)}\u00A0ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}\u00A0s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00A0min\u00A0${whole % 60}\u00A0s`;
  return `${Math.floor(whole / 3600)}\u00A0h\u00A0${Math.floor((whole % 3600) / 60)}\u00A0min`;
}

/** How many times as fast. */
export function formatFactor(factor: number | null): string {
  if (factor === null) return missing;
  return `${factor >= 10 ? groupThousands(Math.round(factor)) : factor.toFixed(factor >= 1 ? 1 : 2)}×`;
}

/** A whole number, thousands set apart by a narrow space that does not break. */
export function groupThousands(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, "\u202F");
}
