import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareMeasurements, parityCases, parityGroups, renderParity } from "./parity/index.ts";
import type { Comparison, Measurement, ParityCase, ParityGroup, ParityMethod, ParityReport } from "./parity/index.ts";

export interface BackendDescription {
  /** The backend's name in tfjs, as in the table of known limits: `"wasm"`. */
  readonly backend: string;
  /** Heads the report; default the backend's name. Where one backend runs in several places, say where: `"webgpu in Chromium"`. */
  readonly name?: string;
  /** Methods whose requests are compared. */
  readonly methods: readonly ParityMethod[];
  /** Runs the cases on the backend, here or elsewhere. May return why it cannot be tried here, which skips the suite visibly. */
  measure(cases: readonly ParityCase[]): Promise<readonly Measurement[] | { readonly skipped: string }>;
  /** Runs the cases on the cpu backend, in this process: the reference where a case has none in float64. No tensor is alive before or after. */
  measureReference(cases: readonly ParityCase[]): Promise<readonly Measurement[]>;
  /** Told the comparisons when they are there, e.g. to gather the tables of several backends. */
  onReport?(report: ParityReport): void | Promise<void>;
}

/** Milliseconds; a GPU that is emulated in software takes minutes. */
const patience = 900_000;

/**
 * Declares a vitest suite that holds a backend to the numbers of the others: kernels, gradients, second derivatives, Fisher matrices, 50 steps of
 * training, and requests of methods, each within the tolerance of its group. What the table of known limits names must still be so. Prints the table
 * of maximal deviations.
 */
export function describeBackend(description: BackendDescription): void {
  const { backend, name = backend, methods } = description;
  const cases = parityCases(methods);
  describe(`${name} agrees with the reference`, () => {
    let report: ParityReport = { name, comparisons: [], skipped: "It was not measured." };
    beforeAll(async () => {
      const measured = await description.measure(cases);
      if ("skipped" in measured) {
        report = { name, comparisons: [], skipped: measured.skipped };
        return;
      }
      const reference = await description.measureReference(cases);
      report = { name, comparisons: compareMeasurements(cases, backend, measured, reference) };
    }, patience);
    afterAll(async () => {
      // oxlint-disable-next-line no-console -- the table is what the run is read for
      console.log(renderParity([report]));
      await description.onReport?.(report);
    });

    it.for(parityGroups)("%s", (group, { skip }) => {
      if (report.skipped !== undefined) skip(report.skipped);
      expect(complaintsOf(report.comparisons, group)).toEqual([]);
    });
  });
}

function complaintsOf(comparisons: readonly Comparison[], group: ParityGroup): string[] {
  return comparisons
    .filter((each) => each.group === group)
    .flatMap(({ name, complaint, limit }) => {
      if (limit === undefined) return complaint === undefined ? [] : [`${name}: ${complaint}`];
      // What is imprecise here may be precise on another machine.
      return complaint === undefined && limit.fault !== "imprecise" ? [`${name}: it is a known limit no longer; take it out of the table.`] : [];
    });
}
