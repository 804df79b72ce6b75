import { expect, test } from "vitest";
import { together } from "./together.ts";

function watched() {
  const stopped: unknown[] = [];
  const discarded: unknown[] = [];
  return {
    stopped,
    discarded,
    stages: { stop: (error: unknown) => void stopped.push(error) },
    workers: { discard: (error: unknown) => void discarded.push(error) },
  };
}

test("values come in the order of the work", async () => {
  const { stages, workers, stopped } = watched();
  const late = new Promise<string>((resolve) => setTimeout(() => resolve("late"), 5));
  expect(await together([late, Promise.resolve("early")], stages, workers)).toEqual(["late", "early"]);
  expect(stopped).toEqual([]);
});

test("the first failure in time is thrown, after all has ended", async () => {
  const { stages, workers, stopped, discarded } = watched();
  const ended: string[] = [];
  const after = async (milliseconds: number, name: string, fail: "fails" | "works") => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    ended.push(name);
    if (fail === "fails") throw new Error(name);
  };
  const work = [after(30, "third", "fails"), after(15, "second", "works"), after(1, "first", "fails")];
  await expect(together(work, stages, workers)).rejects.toThrow("first");
  expect(ended).toEqual(["first", "second", "third"]);
  expect(String(stopped[0])).toBe("Error: first");
  expect(discarded).toEqual(stopped);
});
