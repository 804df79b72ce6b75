import { describe, expect, test } from "vitest";
import type { Job, Results } from "./job.ts";
import { createTurns } from "./turns.ts";
import type { Workers } from "./workers.ts";

/** Workers that begin whatever they are handed and end a job when the test says so. */
function workersOf(count: number) {
  const begun: string[] = [];
  const ending = new Map<string, { done(): void; fail(error: Error): void }>();
  const workers: Workers = {
    count,
    run<Kind extends Job["kind"]>(job: Job | (() => Promise<Job>)) {
      const { phase } = job as Job;
      begun.push(phase);
      return new Promise<Results[Kind]>((resolve, reject) => {
        ending.set(phase, { done: () => resolve(phase as unknown as Results[Kind]), fail: reject });
      });
    },
    discard: () => begun.push("discarded"),
    close: () => Promise.resolve(),
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = (phase: string, error?: Error) => {
    if (error === undefined) ending.get(phase)!.done();
    else ending.get(phase)!.fail(error);
    return settle();
  };
  return { workers, begun, end };
}

const job = (phase: string) => ({ kind: "train", phase }) as Extract<Job, { kind: "train" }>;

describe("turns", () => {
  test("go to the earliest place, at one place to who asked first, and never to more than there are workers", async () => {
    const { workers, begun, end } = workersOf(2);
    const turns = createTurns(workers);
    const [first, second] = [turns.at(1), turns.at(2)];
    const outcomes = [second.run<"train">(job("2a")), second.run<"train">(job("2b")), second.run<"train">(job("2c")), first.run<"train">(job("1a"))];
    outcomes.push(second.run<"train">(job("2d")), first.run<"train">(job("1b")));
    expect(begun).toEqual(["2a", "2b"]);
    await end("2b");
    expect(begun).toEqual(["2a", "2b", "1a"]);
    await end("2a");
    await end("1b");
    expect(begun).toEqual(["2a", "2b", "1a", "1b", "2c"]);
    outcomes.push(first.run<"train">(job("1c")));
    await end("1a");
    expect(begun.at(-1)).toBe("1c");
    await end("2c");
    for (const phase of ["1c", "2d"]) await end(phase);
    expect(await Promise.all(outcomes)).toEqual(["2a", "2b", "2c", "1a", "2d", "1b", "1c"]);
    expect(first.count).toBe(2);
  });

  test("go on after a failure", async () => {
    const { workers, begun, end } = workersOf(1);
    const { run } = createTurns(workers).at(0);
    const [failing, going] = [run<"train">(job("a")), run<"train">(job("b"))];
    const outcomes = Promise.allSettled([failing, going]);
    await end("a", new Error("lost"));
    await end("b");
    expect(await outcomes).toMatchObject([{ reason: new Error("lost") }, { value: "b" }]);
    expect(begun).toEqual(["a", "b"]);
  });

  test("discarded, let what has begun end", async () => {
    const { workers, begun, end } = workersOf(1);
    const turns = createTurns(workers);
    const { run } = turns.at(0);
    const [going, refused] = [run<"train">(job("a")), run<"train">(job("b"))];
    const outcomes = Promise.allSettled([going, refused]);
    turns.discard(new Error("not wanted"));
    await end("a");
    expect(await outcomes).toMatchObject([{ value: "a" }, { reason: new Error("not wanted") }]);
    expect(begun).toEqual(["a", "discarded"]);
  });
});
