import type { Watch } from "../jobs/workers.ts";

/** One kind of work within an experiment: so many times, about equally long. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  /** As far as is known: as many as are done and running, at least. */
  readonly total: number;
  /** Those that failed included; they are not tried again. */
  readonly done: number;
  /** Of those done, how many an earlier run had done. */
  readonly found: number;
  readonly running: number;
  /** Of one, in seconds; null before the first is done. */
  readonly meanSeconds: number | null;
}

/** How far an experiment has come. */
export interface Progressing {
  readonly stages: readonly Stage[];
  readonly elapsedSeconds: number;
  /** Null where nothing is known yet. */
  readonly secondsLeft: number | null;
}

interface Counts {
  title: string;
  total: number;
  done: number;
  found: number;
  /** When each that is being done was begun. */
  readonly running: Set<{ readonly at: number }>;
  /** Samples through the network, to guess the time of a stage that has not begun from one of its kind. */
  readonly work: number;
  readonly seconds: number[];
  readonly warmSeconds: number[];
}

/** Keeps count of the work and guesses what is left of it. */
export interface Stages {
  /** Says that there is work to come. */
  expect(id: string, title: string, count: number, work: number): void;
  /** Does one piece: `find` it among what was done before, or `make` it. Only what is made is timed, from when a worker begins with it. */
  run<Value>(id: string, find: () => Promise<Value | undefined>, make: (watch: Watch) => Promise<Value>): Promise<Value>;
  /** Begins nothing more: every later `run` throws this. */
  stop(reason: unknown): void;
  /** Says that all is done: what was expected and turned out to be shared, or was not needed after a failure, is expected no longer. */
  finish(): void;
  snapshot(): Progressing;
}

/** @param now seconds. */
export function createStages(workers: number, changed: (stages: Stages) => void, now: () => number = () => performance.now() / 1000): Stages {
  const stages = new Map<string, Counts>();
  const started = now();
  let begun = 0;
  let stopped: { readonly reason: unknown } | undefined;
  const meanOf = ({ seconds, warmSeconds }: Counts) => mean(warmSeconds.length > 0 ? warmSeconds : seconds);
  const rate = () => {
    const known = [...stages.values()].filter((stage) => stage.work > 0 && meanOf(stage) !== null);
    return known.length === 0 ? null : sum(known.map((stage) => meanOf(stage)!)) / sum(known.map(({ work }) => work));
  };
  const expectGoingOn = () => {
    if (stopped !== undefined) throw stopped.reason;
  };
  const guess = (stage: Counts) => meanOf(stage) ?? (rate() === null ? null : stage.work * rate()!);

  const self: Stages = {
    expect(id, title, count, work) {
      const stage = stages.get(id) ?? { title, total: 0, done: 0, found: 0, running: new Set(), work, seconds: [], warmSeconds: [] };
      stage.total += count;
      stages.set(id, stage);
      changed(self);
    },
    async run(id, find, make) {
      expectGoingOn();
      // Work that nobody foresaw is counted when it comes.
      if (!stages.has(id)) self.expect(id, id, 1, 0);
      const stage = stages.get(id)!;
      const before = await find();
      if (before !== undefined) {
        stage.done++;
        stage.found++;
        changed(self);
        return before;
      }
      expectGoingOn();
      const begin = { at: NaN };
      // The first pieces include the start of the workers, which no later one does.
      let warm = false;
      try {
        const value = await make({
          onStart() {
            begin.at = now();
            warm = begun++ >= workers;
            stage.running.add(begin);
            changed(self);
          },
        });
        if (stage.running.has(begin)) (warm ? stage.warmSeconds : stage.seconds).push(now() - begin.at);
        return value;
      } finally {
        stage.running.delete(begin);
        stage.done++;
        changed(self);
      }
    },
    stop(reason) {
      stopped ??= { reason };
    },
    finish() {
      for (const stage of stages.values()) stage.total = stage.done;
      changed(self);
    },
    snapshot() {
      const all = [...stages.entries()].map(([id, stage]) => ({
        id,
        title: stage.title,
        total: Math.max(stage.total, stage.done + stage.running.size),
        done: stage.done,
        found: stage.found,
        running: stage.running.size,
        meanSeconds: meanOf(stage),
      }));
      const left = [...stages.values()]
        .map((stage) => ({ running: stage.running, count: stage.total - stage.done, each: guess(stage) }))
        .filter(({ count }) => count > 0);
      const known = left.every(({ each }) => each !== null);
      const parallel = Math.max(1, Math.min(workers, sum(left.map(({ count }) => count))));
      const spent = (running: Counts["running"], each: number) => sum([...running].map(({ at }) => Math.min(now() - at, each)));
      const secondsLeft = known ? sum(left.map(({ running, count, each }) => count * each! - spent(running, each!))) / parallel : null;
      return { stages: all, elapsedSeconds: now() - started, secondsLeft };
    },
  };
  return self;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
