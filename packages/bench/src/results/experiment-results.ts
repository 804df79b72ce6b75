import type { AuditResult } from "./audit-result.ts";
import type { RunResult } from "./run-result.ts";

/** All that one experiment found: what a results folder holds and a report is drawn from. */
export interface ExperimentResults {
  readonly name: string;
  /** The experiment file as it was given. */
  readonly source: string;
  readonly runs: readonly RunResult[];
  readonly audits: readonly AuditResult[];
}
