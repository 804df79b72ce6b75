import { describe, expect, it } from "vitest";
import { createSession } from "../session.ts";
import { facts } from "./facts.ts";
import { bytes, clock, count, duration, percent, plural, significant } from "./format.ts";
import { createProgress } from "./progress.ts";
import { plain } from "./style.ts";
import { renderTable } from "./table.ts";
import { createTimeLeft } from "./time-left.ts";
import { wrap } from "./wrap.ts";

describe("format", () => {
  it("writes numbers as a person reads them", () => {
    expect([count(26770), plural(1, "sample"), plural(2000, "sample"), percent(0.9345), significant(0.000123456), significant(12345)]).toEqual([
      "26,770",
      "1 sample",
      "2,000 samples",
      "93.5%",
      "0.000123",
      "12,300",
    ]);
  });

  it.each([
    [0.0123, "12 ms"],
    [0.9996, "1.0 s"],
    [8.25, "8.3 s"],
    [59.96, "1 min 00 s"],
    [125, "2 min 05 s"],
    [3660, "1 h 01 min"],
  ])("%d seconds are %s", (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  it("counts down and weighs", () => {
    expect([clock(95), clock(3725), clock(0.2)]).toEqual(["1:35", "1:02:05", "0:01"]);
    expect([bytes(12), bytes(107_080), bytes(1_500_000), bytes(999_600)]).toEqual(["12 B", "107 kB", "1.5 MB", "1.0 MB"]);
  });

  it("wraps at words", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("incomprehensibilities are long", 5)).toEqual(["incomprehensibilities", "are", "long"]);
    expect(wrap("", 5)).toEqual([]);
    expect(wrap("\x1b[36mone\x1b[39m two three", 7)).toEqual(["\x1b[36mone\x1b[39m two", "three"]);
  });

  it("wraps what stands beside a name in its own column", () => {
    const rows = [
      ["needs", "the retained samples and a recipe"],
      ["", "here"],
    ] as const;
    expect(facts(rows, plain, 30)).toEqual(["  needs  the retained samples", "         and a recipe", "         here"]);
    expect(facts(rows, plain)).toEqual(["  needs  the retained samples and a recipe", "         here"]);
  });

  it("wraps a note for the terminal, and leaves it whole for a log", () => {
    const written = (columns: number | undefined) => {
      const lines: string[] = [];
      const stderr = { write: (text: string) => lines.push(text), ...(columns === undefined ? {} : { columns }) };
      const environment = { stdout: stderr, stderr, cwd: ".", variables: {}, signal: new AbortController().signal };
      createSession(environment, { quiet: false, json: false }).warn("2 of the 4 samples to forget have twins that stay.");
      return lines;
    };
    expect(written(40)).toEqual(["! 2 of the 4 samples to forget have\n  twins that stay.\n"]);
    expect(written(undefined)).toEqual(["! 2 of the 4 samples to forget have twins that stay.\n"]);
  });
});

describe("time left", () => {
  it("follows the recent rate and forgets a slow beginning", () => {
    let time = 0;
    const estimate = createTimeLeft(() => time);
    expect(estimate.update(0, 1000)).toBeUndefined();
    time = 10;
    expect(estimate.update(10, 1000)).toEqual({ rate: 1, seconds: 990 });
    for (time = 11; time <= 40; time++) estimate.update(10 + (time - 10) * 10, 1000);
    time = 41;
    const { rate, seconds } = estimate.update(320, 1000)!;
    expect(rate).toBeCloseTo(10);
    expect(seconds).toBeCloseTo(68);
  });

  it("counts a resumed run from where it went on", () => {
    let time = 0;
    const estimate = createTimeLeft(() => time);
    estimate.update(900, 1000);
    time = 5;
    expect(estimate.update(950, 1000)).toEqual({ rate: 10, seconds: 5 });
  });
});

describe("progress", () => {
  const step = (completed: number) => ({ phase: "training", completed, total: 100, unit: "samples", figures: { loss: 0.5 } }) as const;

  it("redraws one line on a terminal, never wider than it", () => {
    let time = 0;
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text), isTTY: true, columns: 60 };
    const display = createProgress(output, plain, () => time);
    for (let i = 0; i <= 100; i++, time += 0.05) display.report(step(i));
    display.clear();
    expect(written.length).toBeGreaterThan(30);
    expect(written.length).toBeLessThan(60);
    for (const line of written) {
      expect(line.startsWith("\r\x1b[2K")).toBe(true);
      expect(line).not.toContain("\n");
      expect(line.slice("\r\x1b[2K".length).length).toBeLessThan(60);
    }
    expect(written[20]).toMatch(/training ━+─+ +\d+% .*0:0\d left/);
    expect(written.at(-1)).toBe("\r\x1b[2K");
  });

  it("shrinks to what fits a narrow terminal", () => {
    const written: string[] = [];
    createProgress({ write: (text: string) => written.push(text), isTTY: true, columns: 16 }, plain, () => 0).report(step(50));
    expect(written[0]).toBe("\r\x1b[2Ktraining 50%");
  });

  it("writes a line every few seconds elsewhere, and none for what is quick", () => {
    let time = 0;
    const written: string[] = [];
    const display = createProgress({ write: (text: string) => written.push(text) }, plain, () => time);
    for (let i = 0; i <= 100; i++, time += 0.12) display.report(step(i));
    display.report({ ...step(1), phase: "testing" });
    display.clear();
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(/^training: 4\d%, 8 samples\/s, loss 0\.5, 0:0\d left\n$/);
  });
});

describe("table", () => {
  const content = {
    head: ["name", "x", "y"],
    rows: [
      ["a", "1", "10"],
      ["long name", "22", "3"],
    ],
    dispensable: ["y"],
  };

  it("aligns columns under a rule", () => {
    expect(renderTable(content, { style: plain, columns: 80, lethe: "lethe" }).split("\n")).toEqual([
      "name        x   y",
      "─────────  ──  ──",
      "a           1  10",
      "long name  22   3",
    ]);
  });

  it("drops what a narrow terminal has no room for", () => {
    expect(renderTable(content, { style: plain, columns: 15, lethe: "lethe" })).not.toContain("y");
  });
});
