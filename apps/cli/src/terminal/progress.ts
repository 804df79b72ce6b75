import type { Progress } from "@lethe/core";
import type { Output } from "../environment.ts";
import { clock, count, significant } from "./format.ts";
import type { Style } from "./style.ts";
import { createTimeLeft, type TimeLeft } from "./time-left.ts";

/** Shows how far a long piece of work has come. */
export interface ProgressDisplay {
  report(progress: Progress): void;
  /** Takes the bar away, so that other text can be written. */
  clear(): void;
}

export const noProgress: ProgressDisplay = { report() {}, clear() {} };

interface Line {
  readonly progress: Progress;
  readonly estimate: ReturnType<TimeLeft["update"]>;
}

/** Seconds between two pictures of the bar, and between two lines where there is no terminal to redraw. */
const redraw = 0.1;
const quietSpell = 5;

/** One line that is rewritten on a terminal; a line every few seconds elsewhere. */
export function createProgress(output: Output, style: Style, now: () => number = () => performance.now() / 1000): ProgressDisplay {
  const interval = output.isTTY ? redraw : quietSpell;
  let phase: string | undefined;
  let timeLeft = createTimeLeft(now);
  // A terminal shows the bar at once; a log hears only of phases that take longer than the interval.
  let last = output.isTTY ? -Infinity : now();
  let drawn = false;
  return {
    report(progress) {
      if (progress.phase !== phase) {
        phase = progress.phase;
        timeLeft = createTimeLeft(now);
        if (!output.isTTY) last = now();
      }
      const line = { progress, estimate: timeLeft.update(progress.completed, progress.total) };
      if (now() - last < interval) return;
      last = now();
      if (output.isTTY) output.write(`\r\x1b[2K${drawBar(line, style, (output.columns ?? 80) - 1)}`);
      else output.write(`${describe(line)}\n`);
      drawn = true;
    },
    clear() {
      if (drawn && output.isTTY) output.write("\r\x1b[2K");
      drawn = false;
    },
  };
}

function describe(line: Line): string {
  return `${line.progress.phase}: ${[share(line.progress), ...details(line)].join(", ")}`;
}

/** Phase, bar, share, details; the details give way first, then the bar, where the line is short. */
function drawBar(line: Line, style: Style, columns: number): string {
  const { progress } = line;
  const head = `${progress.phase} `;
  const tail = ` ${share(progress).padStart(4)}`;
  const shown: string[] = [];
  const room = columns - head.length - tail.length - 12;
  for (const detail of details(line).toReversed()) {
    if (shown.join("").length + 3 * (shown.length + 1) + detail.length > room) break;
    shown.unshift(detail);
  }
  const rest = shown.map((detail) => style.dim(` · ${detail}`)).join("");
  const restWidth = shown.reduce((width, detail) => width + 3 + detail.length, 0);
  const width = Math.min(28, columns - head.length - tail.length - restWidth);
  if (width < 4) return `${head}${tail.trim()}`.slice(0, columns);
  const full = Math.round(width * Math.min(progress.completed / Math.max(progress.total, 1), 1));
  return `${head}${style.cyan("━".repeat(full))}${style.dim("─".repeat(width - full))}${tail}${rest}`;
}

function share({ completed, total }: Progress): string {
  return `${Math.floor((100 * completed) / Math.max(total, 1))}%`;
}

/** In rising order of importance: on a narrow terminal the last is kept longest. */
function details({ progress, estimate }: Line): string[] {
  const figures = Object.entries(progress.figures ?? {}).map(([name, value]) => `${name} ${significant(value)}`);
  const speed = estimate && estimate.rate >= 1 ? [`${count(estimate.rate)} ${progress.unit}/s`] : [];
  return [...speed, ...figures, ...(estimate ? [`${clock(estimate.seconds)} left`] : [])];
}
