import type { Style } from "./style.ts";

/** Names and what belongs to them, in two columns. */
export function facts(rows: readonly (readonly [name: string, value: string])[], style: Style): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${style.dim(name.padEnd(width))}  ${value}`);
}
