import type { Job, Results } from "./job.ts";
import type { JobOf, Watch, Workers } from "./workers.ts";

/** All that whoever has a job done needs to know of workers. */
export type JobRunner = Pick<Workers, "count" | "run">;

/** A queue before the workers. */
export interface Turns {
  /** Whose jobs go before all that wait at a later place, however late they are asked for; at one place they go in the order of asking. */
  at(place: number): JobRunner;
  /** Rejects, with this reason, what no worker has begun. */
  discard(reason: unknown): void;
}

interface Waiting {
  readonly place: number;
  begin(): Promise<void>;
  reject(reason: unknown): void;
}

export function createTurns(workers: Workers): Turns {
  const waiting: Waiting[] = [];
  let busy = 0;
  const next = (): void => {
    while (busy < workers.count) {
      const turn = waiting.shift();
      if (turn === undefined) return;
      busy++;
      void turn.begin().finally(() => {
        busy--;
        next();
      });
    }
  };
  return {
    at: (place) => ({
      count: workers.count,
      run<Kind extends Job["kind"]>(job: JobOf<Kind> | (() => Promise<JobOf<Kind>>), watch?: Watch) {
        return new Promise<Results[Kind]>((resolve, reject) => {
          // A throw, too, is the answer to whoever asked.
          const begin = async () => workers.run<Kind>(job, watch).then(resolve, reject);
          waiting.splice(waiting.findLastIndex((other) => other.place <= place) + 1, 0, { place, begin, reject });
          next();
        });
      },
    }),
    discard(reason) {
      for (const { reject } of waiting.splice(0)) reject(reason);
      workers.discard(reason);
    },
  };
}
