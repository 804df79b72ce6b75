import type { ChosenBackend } from "@lethe/backends";
import { version } from "./version.ts";

/** What made a result, by package. */
export function versions(backend: ChosenBackend): Record<string, string> {
  return { lethe: version(), node: process.versions.node, ...backend.versions };
}
