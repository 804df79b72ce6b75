import { shareResolution, type Evaluation, type MetricResult } from "@lethe/metrics";
import type { RunResult } from "../results/run-result.ts";
import { replayVerdict, type ComparedNumber } from "./verdict.ts";

/** The distance at which a number still counts as the same. */
export type ToleranceOf = (recorded: number | null, replayed: number | null, resolution: number) => number;

/** @param relative undefined for each number's own resolution. */
export function toleranceOf(relative: number | undefined): ToleranceOf {
  return (a, b, resolution) => (relative === undefined ? resolution : relative * Math.max(Math.abs(a ?? 0), Math.abs(b ?? 0)));
}

/** Every number of a result that a table or a verdict rests on, beside the same number made again. */
export function compareNumbers(recorded: RunResult, replayed: RunResult, relative: number | undefined): readonly ComparedNumber[] {
  const tolerate = toleranceOf(relative);
  return [
    ...recorded.evaluation.unlearned.metrics.flatMap((metric) => compareMetric(metric, recorded.evaluation, replayed.evaluation, tolerate)),
    ...compareClasses(recorded, replayed, tolerate),
  ];
}

function compareMetric(recorded: MetricResult, before: Evaluation, after: Evaluation, tolerate: ToleranceOf): readonly ComparedNumber[] {
  const { name, resolution } = recorded;
  const find = (row: Evaluation["unlearned"]) => row.metrics.find((metric) => metric.name === name);
  const replayed = find(after.unlearned);
  const compare = (of: string, a: number | null, b: number | null) => compared(name, of, a, b, tolerate(a, b, resolution ?? 0));
  return [
    compare("unlearned", recorded.value, replayed?.value ?? null),
    compare("do nothing", find(before.doNothing)?.value ?? null, find(after.doNothing)?.value ?? null),
    ...pairs(recorded.oracles.values, replayed?.oracles.values ?? []).map(([a, b], index) => compare(`oracle ${index + 1}`, a, b)),
    compare("band lower", recorded.band?.lower ?? null, replayed?.band?.lower ?? null),
    compare("band upper", recorded.band?.upper ?? null, replayed?.band?.upper ?? null),
  ];
}

function compareClasses(recorded: RunResult, replayed: RunResult, tolerate: ToleranceOf): readonly ComparedNumber[] {
  const { classCount, sampleCounts } = recorded.evaluation;
  const perClass = Math.max(1, sampleCounts.test / classCount);
  const compare = (of: string, before: readonly (number | null)[], after: readonly (number | null)[]) =>
    pairs(before, after).map(([a, b], label) =>
      compared(`class-accuracy ${label}`, of, a, b, tolerate(a, b, a === null ? 0 : shareResolution(a, perClass))),
    );
  const [before, after] = [recorded.details.classAccuracy, replayed.details.classAccuracy];
  return [
    ...compare("unlearned", before.unlearned, after.unlearned),
    ...compare("original", before.original, after.original),
    ...pairs(before.oracles, after.oracles).flatMap(([a, b], index) => compare(`oracle ${index + 1}`, a ?? [], b ?? [])),
  ];
}

export function compared(quantity: string, of: string, recorded: number | null, replayed: number | null, tolerance: number): ComparedNumber {
  return { quantity, of, recorded, replayed, tolerance, verdict: replayVerdict(recorded, replayed, tolerance) };
}

/** One more pair for whatever only one side has. */
function pairs<Value>(before: readonly Value[], after: readonly Value[]): readonly (readonly [Value | null, Value | null])[] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => [before[index] ?? null, after[index] ?? null] as const);
}
