import { describe, expect, test } from "vitest";
import type { Watch } from "../jobs/workers.ts";
import { createStages, type Progressing, type Stages } from "./stages.ts";

/** A clock that stands still unless told otherwise. */
function setUp(workers: number) {
  let time = 100;
  const seen: Progressing[] = [];
  const stages = createStages(
    workers,
    (self) => seen.push(self.snapshot()),
    () => time,
  );
  const work = (id: string, seconds: number) =>
    stages.run(
      id,
      async () => undefined,
      async (watch) => {
        // Waiting for a worker is no work.
        time += 1000;
        watch.onStart?.();
        time += seconds;
        return id;
      },
    );
  return { stages, seen, work, wait: (seconds: number) => (time += seconds) };
}

const stageOf = (stages: Stages, id: string) => stages.snapshot().stages.find((stage) => stage.id === id);
const found = async () => 1;
const missing = async () => undefined;
const make = async ({ onStart }: Watch) => onStart?.();

describe("the time that is left", () => {
  test("is not known before anything was timed", () => {
    const { stages } = setUp(1);
    stages.expect("a", "A", 3, 10);
    expect(stages.snapshot().secondsLeft).toBeNull();
    expect(stageOf(stages, "a")).toEqual({ id: "a", title: "A", total: 3, done: 0, found: 0, running: 0, meanSeconds: null });
  });

  test("is the mean times the count, over the workers", async () => {
    const { stages, work } = setUp(2);
    stages.expect("a", "A", 12, 10);
    // The first two start the workers, and take longer for it.
    for (const seconds of [50, 70]) await work("a", seconds);
    expect(stages.snapshot().secondsLeft).toBe((10 * 60) / 2);
    for (const seconds of [3, 5]) await work("a", seconds);
    expect(stageOf(stages, "a")?.meanSeconds).toBe(4);
    expect(stages.snapshot().secondsLeft).toBe((8 * 4) / 2);
  });

  test("is guessed by the work where a stage has not begun", async () => {
    const { stages, work } = setUp(1);
    stages.expect("a", "A", 3, 10);
    stages.expect("b", "B", 4, 30);
    stages.expect("judging", "Judging", 7, 0);
    for (const seconds of [99, 2, 2]) await work("a", seconds);
    // 2 s for work of 10: 6 s for work of 30, nothing for work of 0.
    expect(stages.snapshot().secondsLeft).toBe(4 * 6);
  });

  test("counts on no more workers than there are pieces", async () => {
    const { stages, work } = setUp(8);
    stages.expect("a", "A", 3, 10);
    await work("a", 6);
    expect(stages.snapshot().secondsLeft).toBe((2 * 6) / 2);
  });

  test("is less for what is being done, but never less than nothing for one that takes longer than the others", async () => {
    const { stages, work, wait } = setUp(1);
    stages.expect("a", "A", 4, 10);
    await work("a", 9);
    await work("a", 10);
    const running = stages.run("a", missing, async ({ onStart }) => {
      onStart?.();
      wait(4);
      expect(stages.snapshot().secondsLeft).toBe(2 * 10 - 4);
      wait(20);
      expect(stages.snapshot().secondsLeft).toBe(10);
    });
    await running;
  });

  test("is nothing when all is done, and elapsed time goes on", async () => {
    const { stages, work } = setUp(1);
    stages.expect("a", "A", 1, 10);
    await work("a", 5);
    expect(stages.snapshot()).toMatchObject({ secondsLeft: 0, elapsedSeconds: 1005 });
  });
});

describe("a piece of work", () => {
  test("that was found counts as done, and is not timed", async () => {
    const { stages } = setUp(1);
    stages.expect("a", "A", 2, 10);
    expect(await stages.run("a", found, () => Promise.reject(new Error("made")))).toBe(1);
    expect(stageOf(stages, "a")).toMatchObject({ done: 1, found: 1, meanSeconds: null });
    expect(stages.snapshot().secondsLeft).toBeNull();
  });

  test("that failed is done, not timed and not running", async () => {
    const { stages } = setUp(1);
    stages.expect("a", "A", 2, 10);
    const failing = stages.run("a", missing, async ({ onStart }) => {
      onStart?.();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(stageOf(stages, "a")).toMatchObject({ done: 1, running: 0, meanSeconds: null });
  });

  test("is running from when a worker begins with it", async () => {
    const { stages, seen } = setUp(1);
    stages.expect("a", "A", 1, 10);
    await stages.run("a", missing, make);
    expect(seen.map(({ stages: [{ running, done }] }) => [running, done])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  test("that nobody foresaw raises the total", async () => {
    const { stages } = setUp(1);
    stages.expect("a", "A", 1, 10);
    for (let count = 0; count < 3; count++) await stages.run("a", missing, make);
    await stages.run("b", missing, make);
    expect(stages.snapshot().stages.map(({ total, done }) => [total, done])).toEqual([
      [3, 3],
      [1, 1],
    ]);
  });

  test("is not begun after a stop, not even if it was being looked for", async () => {
    const { stages } = setUp(1);
    let made = 0;
    const count = async () => void made++;
    let look: (nothing: undefined) => void = () => undefined;
    const looking = stages.run("a", () => new Promise<undefined>((resolve) => (look = resolve)), count);
    stages.stop(new Error("first"));
    stages.stop(new Error("second"));
    look(undefined);
    await expect(looking).rejects.toThrow("first");
    await expect(stages.run("a", found, count)).rejects.toThrow("first");
    expect(made).toBe(0);
  });
});

test("what turned out not to be needed is expected no longer in the end", async () => {
  const { stages, work } = setUp(1);
  stages.expect("a", "A", 5, 10);
  await work("a", 1);
  stages.finish();
  expect(stageOf(stages, "a")).toMatchObject({ total: 1, done: 1 });
  expect(stages.snapshot().secondsLeft).toBe(0);
});
