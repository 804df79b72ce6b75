import { knownLimits, type KnownLimit } from "./known-limits.ts";
import type { Measurement } from "./measure.ts";
import { tolerances, type Numbers, type ParityCase, type ParityGroup, type Results } from "./parity-case.ts";

/** One case on one backend against its reference. */
export interface Comparison {
  readonly name: string;
  readonly group: ParityGroup;
  /** The largest difference, relative to the largest number; infinite where there is nothing to compare. */
  readonly deviation: number;
  /** Why it does not agree; undefined where it does. */
  readonly complaint: string | undefined;
  /** The entry of the table of known limits that expects it not to. */
  readonly limit: KnownLimit | undefined;
}

/**
 * Compares what a backend measured with the reference: float64 where a case has one, the cpu backend's numbers where not.
 *
 * @param backend as in the table of known limits: `"wasm"`
 * @param cpu what the cpu backend measured, in the same order
 */
export function compareMeasurements(
  cases: readonly ParityCase[],
  backend: string,
  measured: readonly Measurement[],
  cpu: readonly Measurement[],
): readonly Comparison[] {
  return cases.map((each, position) => {
    const { name, group } = each;
    const limit = knownLimits.find((known) => known.case === name && known.group === group && known.backends.includes(backend));
    const { deviation, complaint } = compareCase(each, measured[position], cpu[position]);
    return { name, group, deviation, complaint, limit };
  });
}

function compareCase(each: ParityCase, measured: Measurement | undefined, cpu: Measurement | undefined): Pick<Comparison, "deviation" | "complaint"> {
  if (measured === undefined) return { deviation: Infinity, complaint: "It was not measured." };
  if (measured.results === undefined) return { deviation: Infinity, complaint: measured.failure };
  const expected = each.reference?.() ?? asNumbers(cpu);
  if (expected === undefined) return { deviation: Infinity, complaint: `There is no reference; cpu says: ${cpu?.failure ?? "nothing"}` };
  const deviation = largestDeviation(asNumbers(measured) as Results, expected);
  if (measured.leaked !== 0) return { deviation, complaint: `It left ${measured.leaked} tensors behind.` };
  const tolerance = tolerances[each.group];
  if (deviation <= tolerance) return { deviation, complaint: undefined };
  return { deviation, complaint: `It deviates by ${deviation.toExponential(1)} of the largest number; ${tolerance.toExponential(0)} is allowed.` };
}

function asNumbers(measured: Measurement | undefined): Results | undefined {
  const results = measured?.results;
  if (results === undefined) return undefined;
  return Object.fromEntries(Object.entries(results).map(([key, { shape, values }]) => [key, { shape, values: values.map((value) => value ?? NaN) }]));
}

/**
 * The largest difference over all arrays, relative to the largest number of its array, or to a thousandth of the largest of all where that is more:
 * an array that should be all zeros, as the gradient of a bias before batch norm, holds rounding only.
 *
 * @example
 * const array = (...values) => ({ shape: [values.length], values });
 * largestDeviation({ a: array(1, 2.5) }, { a: array(1, 2) }); // 0.25
 */
export function largestDeviation(actual: Results, expected: Results): number {
  const names = Object.keys(expected);
  if (names.join() !== Object.keys(actual).join()) return Infinity;
  const floor = Math.max(1e-3 * Math.max(...names.map((name) => largest(expected[name]))), 1e-9);
  return names.reduce((most, name) => Math.max(most, deviationOf(actual[name], expected[name], floor)), 0);
}

function deviationOf(actual: Numbers, expected: Numbers, floor: number): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity;
  const scale = Math.max(largest(expected), floor);
  let furthest = 0;
  for (let i = 0; i < expected.values.length; i++) {
    const difference = Math.abs(actual.values[i] - expected.values[i]);
    furthest = Math.max(furthest, Number.isNaN(difference) ? Infinity : difference);
  }
  return furthest / scale;
}

function largest({ values }: Numbers): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
