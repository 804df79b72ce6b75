import type { Style } from "./style.ts";
import { wrap } from "./wrap.ts";

/** Names and what belongs to them, in two columns; a value that is longer than its column goes on below, if the width is given. */
export function facts(rows: readonly (readonly [name: string, value: string])[], style: Style, columns?: number): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const room = columns === undefined ? Infinity : Math.max(columns - width - 4, 20);
  return rows.flatMap(([name, value]) => {
    const lines = room === Infinity ? [value] : wrap(value, room);
    return lines.map((line, index) => `  ${style.dim((index === 0 ? name : "").padEnd(width))}  ${line}`);
  });
}
