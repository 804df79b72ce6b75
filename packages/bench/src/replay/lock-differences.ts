import type { Json } from "@lethe/core";
import { canonicalJson } from "../store/key.ts";

/** What was not the same when a result was made again; null where there is none. */
export interface LockDifference {
  /** Path within the lock, `versions.node`, or `metric NAME` where the recipe of a metric has another version. */
  readonly name: string;
  readonly recorded: Json;
  readonly now: Json;
}

/** What decided a result: its lock, and the versions of its metrics' recipes. */
export interface Decided {
  readonly lock: object;
  readonly metrics: readonly { readonly name: string; readonly version: number }[];
}

/** Versions, backend, options, everything that a lock holds and that may explain numbers that differ. */
export function lockDifferences(recorded: Decided, replayed: Decided): readonly LockDifference[] {
  return [...differences(leaves(recorded.lock as Json), leaves(replayed.lock as Json)), ...differences(metricsOf(recorded), metricsOf(replayed))];
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

function metricsOf({ metrics }: Decided): ReadonlyMap<string, Json> {
  return new Map(metrics.map(({ name, version }) => [`metric ${name}`, version]));
}
