import type { Output } from "../environment.ts";
import { visibleWidth } from "./width.ts";

/** What there is room for. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** Something that changes while it is looked at. */
export interface Picture {
  /** For a terminal; what does not fit is left out by `Live`, but better by the picture itself. */
  lines(room: Room): readonly string[];
  /** The same in one line, for a log. */
  line(): string;
}

/** Several lines at the end of a terminal, rewritten in place; a line now and then where there is no terminal. */
export interface Live {
  /** Shows this picture from now on; it is asked again whenever it is drawn, so that a clock in it goes on. */
  show(picture: Picture): void;
  /** Takes the lines away, so that other text can be written, and shows nothing until the next `show`. */
  clear(): void;
}

export const noLive: Live = { show() {}, clear() {} };

/** Seconds between two drawings: at most as often after a change, and as seldom without one. */
const soonest = 0.1;
const latest = 1;
/** Where there is no terminal. */
const quietSpell = 5;

/**
 * The cursor stays visible, and below the last line: whatever ends the process, even a kill, leaves the terminal as it should be.
 *
 * @param now seconds, from any origin.
 */
export function createLive(output: Output, now: () => number = () => performance.now() / 1000): Live {
  let picture: Picture | undefined;
  let drawn: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  // A terminal shows the picture at once; a log hears only of what takes longer than the interval.
  let last = output.isTTY ? -Infinity : now();

  const draw = (): void => {
    last = now();
    if (!output.isTTY) return void output.write(`${picture!.line()}\n`);
    const room = roomOf(output);
    const lines = picture!.lines(room).slice(0, room.rows);
    output.write(`${back(drawn, output)}${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
    drawn = lines;
  };
  const tick = (): void => {
    if (picture !== undefined && now() - last >= (output.isTTY ? latest : quietSpell)) draw();
  };
  return {
    show(next) {
      picture = next;
      timer ??= setInterval(tick, 1000 * latest).unref();
      if (now() - last >= (output.isTTY ? soonest : quietSpell)) draw();
    },
    clear() {
      clearInterval(timer);
      timer = undefined;
      picture = undefined;
      if (drawn.length > 0) output.write(`${back(drawn, output)}\x1b[J`);
      drawn = [];
      if (output.isTTY) last = -Infinity;
    },
  };
}

/** One column is left free, because some terminals break a full line; one row for the cursor. */
function roomOf({ columns = 80, rows = 24 }: Output): Room {
  return { columns: Math.max(columns - 1, 1), rows: Math.max(rows - 1, 1) };
}

/** To the beginning of what was drawn. A terminal that has become narrower since then has broken its lines. */
function back(drawn: readonly string[], { columns = 80, rows = 24 }: Output): string {
  const height = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleWidth(line) / columns)), 0);
  const up = Math.min(height, rows - 1);
  return up > 0 ? `\r\x1b[${up}A` : "\r";
}
