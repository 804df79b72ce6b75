import type { AuditResult } from "./audit-result.ts";
import type { RunResult } from "./run-result.ts";

/** A run that came to nothing: an error, not a bad result. Never left out silently. */
export interface RunFailure {
  /** As in `RunResult`. */
  readonly id: string;
  readonly problem: string;
  readonly scenario: string;
  readonly method: string;
  readonly seed: number;
  readonly code: string;
  readonly message: string;
}

/** All that one experiment found: what a results folder holds and a report is drawn from. */
export interface ExperimentResults {
  readonly name: string;
  /** The experiment file as it was given. */
  readonly source: string;
  readonly runs: readonly RunResult[];
  readonly failures: readonly RunFailure[];
  readonly audits: readonly AuditResult[];
}
