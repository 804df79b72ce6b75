import type { Progress } from "@lethe/core";
import { loadData, type DataSource, type LoadedData } from "../data/source.ts";
import type { Job, LoadMethod, Results } from "./job.ts";
import { runJudge } from "./run-judge.ts";
import { runPrepare, runTrain, runUnlearn } from "./run-model.ts";
import { runRecord } from "./run-record.ts";
import { runShadow } from "./run-shadow.ts";

/** What a job has besides its own description. */
export interface Working {
  readonly signal: AbortSignal;
  onProgress(progress: Progress): void;
  readonly loadMethod: LoadMethod;
  readonly loadData: (source: DataSource) => Promise<LoadedData>;
}

export type RunJob = <Kind extends Job["kind"]>(
  job: Extract<Job, { kind: Kind }>,
  watching: Pick<Working, "signal" | "onProgress">,
) => Promise<Results[Kind]>;

/** Does jobs on the backend that has been chosen; the same in a worker and in the main process. */
export function createJobRunner(loadMethod: LoadMethod): RunJob {
  const runners: { readonly [Each in Job["kind"]]: (job: never, working: Working) => Promise<Results[Each]> } = {
    train: runTrain,
    prepare: runPrepare,
    record: runRecord,
    unlearn: runUnlearn,
    shadow: runShadow,
    judge: runJudge,
  };
  // One job after the other mostly wants the same data; more than the last is not kept.
  let last: { readonly key: string; readonly data: Promise<LoadedData> } | undefined;
  const load = (source: DataSource) => {
    const key = JSON.stringify(source);
    if (last?.key === key) return last.data;
    const data = loadData(source);
    last = { key, data };
    // A file that was not there may be there the next time.
    data.catch(() => {
      if (last?.data === data) last = undefined;
    });
    return data;
  };
  return async (job, watching) => {
    const working: Working = { ...watching, loadMethod, loadData: load };
    return runners[job.kind](job as never, working) as never;
  };
}
