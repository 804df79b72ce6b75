import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLive, type Picture } from "./live.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As many lines as are asked for, and what they were asked. */
const lines = (count: number, width = 5): Picture => ({
  lines: ({ rows }) => Array.from({ length: Math.min(count, rows) }, () => "x".repeat(width)),
  line: () => `${count} lines`,
});

function terminal(isTTY: boolean, columns = 40, rows = 10) {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), isTTY, columns, rows };
  let time = 0;
  const live = createLive(output, () => time);
  const pass = (seconds: number) => {
    time += seconds;
    vi.advanceTimersByTime(1000 * seconds);
  };
  return { written, output, live, pass };
}

describe("live lines", () => {
  it("are drawn over themselves, ten times a second at most", () => {
    const { written, live, pass } = terminal(true);
    for (let i = 0; i < 100; i++, pass(0.01)) live.show(lines(3));
    expect(written.length).toBeGreaterThanOrEqual(9);
    expect(written.length).toBeLessThanOrEqual(12);
    expect(written[0]).toBe("\rxxxxx\x1b[K\nxxxxx\x1b[K\nxxxxx\x1b[K\n\x1b[J");
    expect(written[1]).toBe(`\r\x1b[3A${written[0].slice(1)}`);
    live.clear();
    expect(written.at(-1)).toBe("\r\x1b[3A\x1b[J");
  });

  it("go on without news, until they are cleared", () => {
    const { written, live, pass } = terminal(true);
    live.show(lines(1));
    pass(1);
    pass(1);
    expect(written).toHaveLength(3);
    live.clear();
    pass(10);
    expect(written).toHaveLength(4);
    live.clear();
    expect(written).toHaveLength(4);
  });

  it("never hide the cursor and leave a row for it", () => {
    const { written, live } = terminal(true, 40, 10);
    live.show(lines(50));
    expect(written[0].split("\n")).toHaveLength(10);
    expect(written.join("")).not.toContain("\x1b[?25l");
  });

  it("are found again by a terminal that has become narrower, and broken them", () => {
    const { written, output, live, pass } = terminal(true, 40, 10);
    live.show(lines(2, 30));
    output.columns = 20;
    pass(0.2);
    live.show(lines(2, 10));
    expect(written[1].startsWith("\r\x1b[4A")).toBe(true);
  });

  it("are a line every few seconds where there is no terminal, and none for what is quick", () => {
    const { written, live, pass } = terminal(false);
    live.show(lines(3));
    for (let i = 0; i < 12; i++, pass(1)) live.show(lines(i));
    live.clear();
    expect(written).toEqual(["4 lines\n", "9 lines\n"]);
  });
});
