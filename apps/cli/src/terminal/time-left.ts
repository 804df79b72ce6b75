/** Guesses when work will be done from how it went so far. */
export interface TimeLeft {
  /** @returns units per second and seconds left, or undefined before there is anything to judge by. */
  update(completed: number, total: number): { readonly rate: number; readonly seconds: number } | undefined;
}

/** Seconds of the past that the rate is taken from: the first batches, which compile, are soon forgotten. */
const memory = 15;

/** @param now seconds, from any origin. */
export function createTimeLeft(now: () => number): TimeLeft {
  let past: { readonly time: number; readonly completed: number }[] = [];
  return {
    update(completed, total) {
      const time = now();
      const recent = past.filter((point) => time - point.time <= memory);
      // With long steps the window may hold nothing: then the last point is still better than none.
      past = [...(recent.length > 0 ? recent : past.slice(-1)), { time, completed }];
      const elapsed = time - past[0].time;
      const done = completed - past[0].completed;
      if (elapsed <= 0 || done <= 0) return undefined;
      const rate = done / elapsed;
      return { rate, seconds: Math.max(total - completed, 0) / rate };
    },
  };
}
