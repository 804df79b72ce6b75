import type { Progressing, Stage } from "@lethe/bench";
import { clock, count, duration } from "../../terminal/format.ts";
import type { Picture, Room } from "../../terminal/live.ts";
import type { Style } from "../../terminal/style.ts";
import { foldStages, isOver, type Folded } from "./fold-stages.ts";

/** The stages of an experiment as a table that is rewritten while they go on. The clocks run on between two reports. */
export function stagePicture(progressing: Progressing, style: Style, now: () => number = () => performance.now() / 1000): Picture {
  const seen = now();
  const current = (): Progressing => {
    const age = now() - seen;
    const { stages, elapsedSeconds, secondsLeft } = progressing;
    return { stages, elapsedSeconds: elapsedSeconds + age, secondsLeft: secondsLeft === null ? null : Math.max(secondsLeft - age, 0) };
  };
  return {
    lines: (room) => stageLines(current(), room, style),
    line() {
      const state = current();
      const running = state.stages.filter((stage) => stage.running > 0).map(({ title, done, total }) => `${title} ${done}/${total}`);
      return [...totals(state), ...running].join(", ");
    },
  };
}

function stageLines(state: Progressing, { columns, rows }: Room, style: Style): string[] {
  const last = narrowed(totals(state), columns);
  // The heads and the last line are there as well.
  const folded = foldStages(state.stages, rows - 2);
  if (folded.shown.length === 0 || columns < fewestColumns) return [last];
  return [...tableLines(folded.shown, columns, style), ...foldedLine(folded, columns, style), style.bold(last)];
}

function foldedLine({ hidden }: Folded, columns: number, style: Style): string[] {
  if (hidden.length === 0) return [];
  const done = hidden.filter(isOver).length;
  const parts = [done > 0 ? [`${done} done`] : [], hidden.length > done ? [`${hidden.length - done} to come`] : []].flat();
  return [style.dim(cut(`  and ${hidden.length} more: ${parts.join(", ")}`, columns))];
}

/** What is said below the table, the most important first. */
function totals({ stages, elapsedSeconds, secondsLeft }: Progressing): string[] {
  const total = (of: (stage: Stage) => number) => stages.reduce((sum, stage) => sum + of(stage), 0);
  const [done, all, found] = [total((stage) => stage.done), total((stage) => stage.total), total((stage) => stage.found)];
  return [
    `${count(done)} of ${count(all)} done`,
    ...(secondsLeft === null ? [] : [`about ${clock(secondsLeft)} left`]),
    `${clock(elapsedSeconds)} elapsed`,
    ...(found === 0 ? [] : [`${count(found)} found in the cache`]),
  ];
}

function narrowed(parts: readonly string[], columns: number): string {
  const text = parts.join(" · ");
  return text.length <= columns || parts.length === 1 ? cut(text, columns) : narrowed(parts.slice(0, -1), columns);
}

interface Column {
  readonly head: string;
  cell(stage: Stage): string;
}

/** A narrow terminal goes without the last of these. */
const figures: readonly Column[] = [
  { head: "done", cell: ({ done, total }) => `${count(done)}/${count(total)}` },
  { head: "running", cell: ({ running }) => (running === 0 ? "" : count(running)) },
  { head: "found", cell: ({ found }) => (found === 0 ? "" : count(found)) },
  { head: "each", cell: ({ meanSeconds }) => (meanSeconds === null ? "" : duration(meanSeconds)) },
];

/** A narrower terminal shows the last line alone. */
const fewestColumns = 20;
const gap = "  ";
const markWidth = 2;
const bar = { least: 8, most: 24 } as const;

interface Layout {
  readonly title: number;
  /** 0 where there is no room for one. */
  readonly bar: number;
  readonly figures: readonly (Column & { readonly width: number })[];
}

function tableLines(stages: readonly Stage[], columns: number, style: Style): string[] {
  const telling = figures.filter(({ head, cell }) => head === "done" || stages.some((stage) => cell(stage) !== ""));
  const layout = layOut(stages, columns, telling);
  const heads = layout.figures.map(({ head: text, width }) => gap + text.padStart(width)).join("");
  const before = markWidth + layout.title + (layout.bar === 0 ? 0 : gap.length + layout.bar);
  return [`${" ".repeat(before)}${style.dim(heads)}`, ...stages.map((stage) => stageLine(stage, layout, style))].map((line) => line.trimEnd());
}

function layOut(stages: readonly Stage[], columns: number, shown: readonly Column[]): Layout {
  const title = Math.max(...stages.map((stage) => stage.title.length));
  const sized = shown.map((column) => ({ ...column, width: Math.max(column.head.length, ...stages.map((stage) => column.cell(stage).length)) }));
  const besides = markWidth + sized.reduce((sum, { width }) => sum + gap.length + width, 0);
  const room = columns - besides - title - gap.length;
  if (room >= bar.least) return { title, bar: Math.min(room, bar.most), figures: sized };
  if (shown.length > 1) return layOut(stages, columns, shown.slice(0, -1));
  const least = Math.min(title, columns - besides);
  return least > 0 ? { title: least, bar: 0, figures: sized } : { title: columns - markWidth, bar: 0, figures: [] };
}

function stageLine(stage: Stage, layout: Layout, style: Style): string {
  const idle = stage.running === 0;
  const mark = isOver(stage) ? style.green("✓ ") : idle ? "  " : style.cyan("▸ ");
  const title = cut(stage.title, layout.title).padEnd(layout.title);
  const cells = layout.figures.map(({ cell, width }) => gap + cell(stage).padStart(width)).join("");
  const drawn = layout.bar === 0 ? "" : gap + barOf(stage, layout.bar, style);
  const paint = idle ? style.dim : (text: string) => text;
  return `${mark}${paint(title)}${drawn}${paint(cells)}`;
}

function barOf({ done, total }: Stage, width: number, style: Style): string {
  const full = Math.floor(width * Math.min(done / Math.max(total, 1), 1));
  return `${style.cyan("━".repeat(full))}${style.dim("─".repeat(width - full))}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}
