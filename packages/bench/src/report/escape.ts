/** Text that is HTML already and is not escaped again. */
export interface Markup {
  readonly markup: string;
}

type Part = string | number | Markup | readonly Part[] | null | undefined;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as HTML shows it, in elements and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]);
}

/** Template tag: everything put in is escaped, but for other markup; lists are joined, null is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: texts.reduce((whole, text, index) => whole + markupOf(parts[index - 1]) + text) };
}

/** Only for what this package has made itself. */
export function trusted(markup: string): Markup {
  return { markup };
}

function markupOf(part: Part): string {
  if (part === null || part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return "markup" in part ? part.markup : part.map(markupOf).join("");
}

/** Text as Markdown shows it, in a paragraph and in a cell of a table: on one line, with nothing that Markdown or HTML would take for its own. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[ \t\r\n]+/g, " ")
    .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`)
    .replaceAll(/[&<>]/g, (character) => entities[character]);
}
