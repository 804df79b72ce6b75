import type { BackendName } from "@lethe/backends";
import type { Progress } from "@lethe/core";
import type { Job, LoadMethod, Results } from "./job.ts";

export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

export interface Watch {
  /** A worker begins with the job. */
  onStart?(): void;
  onProgress?(progress: Progress): void;
}

/** Does jobs, several at a time where the machine allows. */
export interface Workers {
  readonly count: number;
  /**
   * @param job or, where its inputs are large, how to come by it: asked when a worker is free for it.
   * @throws LetheError `run/aborted`, `environment/worker-lost`, `environment/workers-closed`, and what the job throws.
   */
  run<Kind extends Job["kind"]>(job: JobOf<Kind> | (() => Promise<JobOf<Kind>>), watch?: Watch): Promise<Results[Kind]>;
  /** Rejects, with this reason, what no worker has begun. */
  discard(reason: unknown): void;
  /** Rejects all that is not done. Worker processes are ended; a job in this process is waited for. */
  close(): Promise<void>;
}

export interface WorkersRequest {
  readonly backend: BackendName;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly loadMethod: LoadMethod;
  /** A script that calls `serveJobs`. Without one, or where the file is not there, all is done in this process, on the backend that it has open. */
  readonly entry?: URL | undefined;
  /** Default: as many as there are cores, if the backend uses one core each. */
  readonly count?: number | undefined;
}
