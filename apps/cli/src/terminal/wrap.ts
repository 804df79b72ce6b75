import type { View } from "./view.ts";
import { visibleWidth } from "./width.ts";

/** Lines of at most `columns` characters, colour aside; a longer word stands alone. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && visibleWidth(line) + 1 + visibleWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Wrapped text behind a mark of one character. */
export function marked(mark: string, text: string, { columns }: Pick<View, "columns">): string[] {
  return wrap(text, Math.max(columns - 2, 30)).map((line, index) => `${index === 0 ? mark : " "} ${line}`);
}
