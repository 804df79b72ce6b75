/**
 * A report as a list of blocks, which a page and Markdown show each in their way: the same sentences and tables by construction. What a section says is decided in
 * `sections/`, how it looks in `page.ts` and `markdown.ts`.
 */
export type Block = Heading | Paragraph | List | Table | Figure | Code | Details;

/** Plain, or in strong letters. */
type Span = string | { readonly strong: string };
export type Text = string | readonly Span[];

export interface Heading {
  readonly kind: "heading";
  readonly level: 2 | 3 | 4;
  readonly text: string;
  /** To link to; left out, there is nothing to link to. */
  readonly id?: string;
}

interface Paragraph {
  readonly kind: "paragraph";
  readonly text: Text;
  /** `lead`: large, at the top; `note`: small, below what it explains. */
  readonly tone?: "lead" | "note";
}

export interface List {
  readonly kind: "list";
  /** Small, beside what it explains. */
  readonly tone?: "note";
  readonly items: readonly { readonly text: Text; readonly mark?: Mark }[];
}

/** A judgement by shape, word and colour, so that none of them is needed alone. */
export interface Mark {
  readonly glyph: string;
  readonly label: string;
  readonly tone: "good" | "under" | "over" | "worse" | "different" | "unknown";
}

export interface Cell {
  readonly text: string;
  /** Smaller, each on a line of its own. */
  readonly details?: readonly string[];
  readonly mark?: Mark;
}

export interface Table {
  readonly kind: "table";
  readonly caption: string;
  readonly head: readonly { readonly title: string; readonly unit?: string; readonly align: "left" | "right" }[];
  /** The first cell of a row is its header. `reference`: set apart, as what the others are compared with. */
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly tone?: "reference" }[];
}

export interface Key {
  readonly label: string;
  readonly shape: "line" | "dashes" | "area" | "dot" | "ring" | "bar" | "chance";
  readonly colour: Colour;
}

/** Names of CSS variables: who is drawn has the same colour in every figure. */
type Colour = "original" | "unlearned" | "oracles" | "muted";

export interface Panel {
  readonly title: string;
  readonly subtitle?: string;
  /** What the picture shows, for those who cannot see it. */
  readonly description: string;
  /** An SVG element. */
  draw(): string;
}

/** Left out of Markdown. */
export interface Figure {
  readonly kind: "figure";
  readonly title: string;
  readonly caption: string;
  readonly keys: readonly Key[];
  /** Side by side where there is room; fewer on a narrow screen. */
  readonly columns: 1 | 2 | 3;
  readonly panels: readonly Panel[];
}

interface Code {
  readonly kind: "code";
  readonly text: string;
}

export interface Details {
  readonly kind: "details";
  readonly summary: string;
  readonly blocks: readonly Block[];
}

export interface Report {
  readonly title: string;
  readonly subtitle: string;
  readonly blocks: readonly Block[];
}
