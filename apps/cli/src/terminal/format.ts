/** Numbers as a person reads them. Always English, so that a log means the same everywhere. */
export { plural } from "@lethe/core";

export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/**
 * A share in percent.
 *
 * @example
 * percent(0.9345); // "93.5%"
 */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/**
 * @example
 * significant(0.000123456); // "0.000123"
 */
export function significant(value: number, digits = 3): string {
  return Number(value.toPrecision(digits)).toLocaleString("en-US", { maximumSignificantDigits: digits });
}

/**
 * A measured time: three figures are as much as it is good for.
 *
 * @example
 * duration(0.0123); // "12 ms"
 * duration(8.25); // "8.3 s"
 * duration(125); // "2 min 05 s"
 */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} min`;
}

/**
 * A time that is still to come, as a clock counts down.
 *
 * @example
 * clock(95); // "1:35"
 */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}` : `${minutes}:${twoDigits(whole % 60)}`;
}

/**
 * @example
 * bytes(107_080); // "107 kB"
 */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  for (; scaled >= 999.5 && unit < units.length - 1; unit++) scaled /= 1000;
  return `${unit === 0 || scaled >= 99.95 ? Math.round(scaled) : scaled.toFixed(1)} ${units[unit]}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
