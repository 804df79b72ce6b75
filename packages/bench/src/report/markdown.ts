import type { Block, Cell, List, Report, Table, Text } from "./document.ts";
import { escapeMarkdown } from "./escape.ts";

export function markdown({ title, subtitle, blocks }: Report): string {
  return `${[`# Unlearning report: ${escapeMarkdown(title)}`, escapeMarkdown(subtitle), ...blocks.flatMap(blockOf)].join("\n\n")}\n`;
}

/** Nothing for a figure. */
function blockOf(block: Block): readonly string[] {
  switch (block.kind) {
    case "heading":
      return [`${"#".repeat(block.level)} ${escapeMarkdown(block.text)}`];
    case "paragraph":
      return [textOf(block.text)];
    case "list":
      return [listOf(block)];
    case "table":
      return [`**${escapeMarkdown(block.caption)}**`, tableOf(block)];
    case "figure":
      return [];
    case "code":
      return [fenced(block.text)];
    case "details":
      return [`### ${escapeMarkdown(block.summary)}`, ...block.blocks.flatMap(blockOf)];
  }
}

function textOf(text: Text): string {
  const spans = typeof text === "string" ? [text] : text;
  return spans.map((span) => (typeof span === "string" ? escapeMarkdown(span) : `**${escapeMarkdown(span.strong)}**`)).join("");
}

/** A span that begins with a space keeps it: `escapeMarkdown` leaves single spaces alone. */
function listOf({ items }: List): string {
  return items.map(({ text, mark }) => `- ${mark === undefined ? "" : `${mark.glyph} `}${textOf(text)}`).join("\n");
}

function tableOf({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(head.map(({ title, unit }) => escapeMarkdown(unit === undefined ? title : `${title}, ${unit}`))),
    line(head.map(({ align }) => (align === "right" ? "--:" : ":--"))),
    ...rows.map(({ cells }) => line(cells.map(cellOf))),
  ].join("\n");
}

function cellOf({ text, details = [], mark }: Cell): string {
  const marked = mark === undefined || mark.glyph === text ? text : `${mark.glyph} ${text}`;
  return escapeMarkdown(details.length === 0 ? marked : `${marked} (${details.join("; ")})`);
}

/** A fence longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
}
