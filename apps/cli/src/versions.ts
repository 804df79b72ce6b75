import type { ChosenBackend } from "@lethe/backends";
import { version } from "./version.ts";

/** What made a result, by package. */
export function versions(backend: ChosenBackend): Record<string, string> {
  return { ...packageVersions(backend), node: process.versions.node };
}

/** The same without Node, whose version has no part in the numbers. */
export function packageVersions(backend: ChosenBackend): Record<string, string> {
  return { lethe: version(), ...backend.versions };
}
