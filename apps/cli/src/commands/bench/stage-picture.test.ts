import type { Progressing, Stage } from "@lethe/bench";
import { describe, expect, it } from "vitest";
import { plain } from "../../terminal/style.ts";
import { foldStages } from "./fold-stages.ts";
import { stagePicture } from "./stage-picture.ts";

const stage = (title: string, done: number, total: number, more: Partial<Stage> = {}): Stage => {
  return { id: title, title, done, total, found: 0, running: 0, meanSeconds: null, ...more };
};
const stages = [
  stage("digits: originals", 2, 2, { meanSeconds: 1.5, found: 1 }),
  stage("digits: retrained models", 3, 12, { meanSeconds: 1.4, running: 2 }),
  stage("digits: prepare ssd", 1, 2),
  stage("digits: ssd", 0, 4),
  stage("digits: judging", 0, 6),
];
const progressing: Progressing = { stages, elapsedSeconds: 65, secondsLeft: 100 };
const picture = stagePicture(progressing, plain, () => 0);

describe("the table of an experiment's stages", () => {
  it("has a line for each", () => {
    expect(picture.lines({ columns: 99, rows: 20 })).toEqual([
      "                                                      done  running  found   each",
      "✓ digits: originals         ━━━━━━━━━━━━━━━━━━━━━━━━   2/2               1  1.5 s",
      "▸ digits: retrained models  ━━━━━━──────────────────  3/12        2         1.4 s",
      "  digits: prepare ssd       ━━━━━━━━━━━━────────────   1/2",
      "  digits: ssd               ────────────────────────   0/4",
      "  digits: judging           ────────────────────────   0/6",
      "6 of 26 done · about 1:40 left · 1:05 elapsed · 1 found in the cache",
    ]);
  });

  it.each([79, 60, 45, 30, 20, 10, 3, 1])("is never wider than %d columns", (columns) => {
    for (const line of picture.lines({ columns, rows: 20 })) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it.each([20, 7, 6, 5, 4, 3, 2, 1])("is never higher than %d rows", (rows) => {
    const lines = picture.lines({ columns: 79, rows });
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines.at(-1)).toMatch(/^6 of 26 done/);
  });

  it("folds what is done first, then what is far off, and says so", () => {
    const lines = picture.lines({ columns: 79, rows: 5 });
    expect(lines.map((line) => line.trim().split(/\s{2,}/)[0])).toEqual([
      "done",
      "▸ digits: retrained models",
      "digits: prepare ssd",
      "and 3 more: 1 done, 2 to come",
      "6 of 26 done · about 1:40 left · 1:05 elapsed · 1 found in the cache",
    ]);
    expect(foldStages(stages, 5).hidden).toEqual([]);
  });

  it("runs on between two reports", () => {
    let time = 10;
    const running = stagePicture(progressing, plain, () => time);
    time = 25;
    expect(running.lines({ columns: 79, rows: 20 }).at(-1)).toMatch(/about 1:25 left · 1:20 elapsed/);
  });

  it("is one line for a log", () => {
    expect(picture.line()).toBe("6 of 26 done, about 1:40 left, 1:05 elapsed, 1 found in the cache, digits: retrained models 3/12");
  });
});
