import type { Json } from "@lethe/core";
import type { RunResult } from "../results/run-result.ts";
import { canonicalJson } from "../store/key.ts";

/** What was not the same when a result was made again; null where there is none. */
export interface LockDifference {
  /** Path within the lock, `versions.node`, or `metric NAME` where the recipe of a metric has another version. */
  readonly name: string;
  readonly recorded: Json;
  readonly now: Json;
}

/** Versions, backend, options, everything that a lock holds and that may explain numbers that differ. */
export function lockDifferences(recorded: RunResult, replayed: RunResult): readonly LockDifference[] {
  return [
    ...differences(leaves(recorded.lock as unknown as Json), leaves(replayed.lock as unknown as Json)),
    ...differences(metricsOf(recorded), metricsOf(replayed)),
  ];
}

function differences(recorded: ReadonlyMap<string, Json>, now: ReadonlyMap<string, Json>): readonly LockDifference[] {
  return [...new Set([...recorded.keys(), ...now.keys()])]
    .map((name) => ({ name, recorded: recorded.get(name) ?? null, now: now.get(name) ?? null }))
    .filter((pair) => canonicalJson(pair.recorded) !== canonicalJson(pair.now));
}

/** Values by their path; a list is one value. */
function leaves(value: Json, path: readonly string[] = []): ReadonlyMap<string, Json> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return new Map([[path.join("."), value]]);
  const fields = Object.entries(value as { readonly [name: string]: Json | undefined });
  return new Map(fields.flatMap(([name, field]) => (field === undefined ? [] : [...leaves(field, [...path, name])])));
}

function metricsOf({ evaluation }: RunResult): ReadonlyMap<string, Json> {
  return new Map(evaluation.unlearned.metrics.map(({ name, version }) => [`metric ${name}`, version]));
}
