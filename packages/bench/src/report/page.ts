import type { Block, Cell, Figure, Heading, Key, List, Mark, Report, Table, Text } from "./document.ts";
import { html, trusted, type Markup } from "./escape.ts";
import { style } from "./style.ts";

/** The report as one HTML document. */
export function page({ title, subtitle, blocks }: Report): string {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Unlearning report: ${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header>
          <p class="eyebrow">Unlearning report</p>
          <h1>${title}</h1>
          <p class="subtitle">${subtitle}</p>
          ${navigation(blocks)}
        </header>
        <main>${blocks.map(blockOf)}</main>
      </body>
    </html> `;
  return document.markup;
}

function navigation(blocks: readonly Block[]): Markup {
  const linked = blocks.filter((block): block is Heading & { readonly id: string } => block.kind === "heading" && block.id !== undefined);
  return html`<nav aria-label="Sections">
    <ul>
      ${linked.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>
  </nav>`;
}

function blockOf(block: Block): Markup {
  switch (block.kind) {
    case "heading":
      return headingOf(block);
    case "paragraph":
      return html`<p${block.tone === undefined ? null : html` class="${block.tone}"`}>${textOf(block.text)}</p>\n`;
    case "list":
      return listOf(block);
    case "table":
      return tableOf(block);
    case "figure":
      return figureOf(block);
    case "code":
      return html`<pre><code>${block.text}</code></pre> `;
    case "details":
      return html`<details>
        <summary>${block.summary}</summary>
        ${block.blocks.map(blockOf)}
      </details> `;
  }
}

function headingOf({ level, text, id }: Heading): Markup {
  const tag = trusted(`h${level}`);
  return html`<${tag}${id === undefined ? null : html` id="${id}"`}>${text}</${tag}>\n`;
}

function textOf(text: Text): Markup {
  const spans = typeof text === "string" ? [text] : text;
  return html`${spans.map((span) => (typeof span === "string" ? span : html`<strong>${span.strong}</strong>`))}`;
}

function listOf({ items, tone }: List): Markup {
  const marked = items.some(({ mark }) => mark !== undefined);
  return html`<ul class="${marked ? "marked" : "plain"}${tone === undefined ? null : ` ${tone}`}">
    ${items.map(({ text, mark }) => html`<li>${mark && markOf(mark)}<span>${textOf(text)}</span></li>`)}
  </ul> `;
}

/** The glyph for the eye, its meaning for a screen reader and for who points at it. */
function markOf({ glyph, label, tone }: Mark): Markup {
  return html`<span class="mark ${tone}" role="img" aria-label="${label}" title="${label}">${glyph}</span>`;
}

/** Scrolls sideways in itself where the screen is too narrow, and by keyboard too. */
function tableOf({ caption, head, rows }: Table): Markup {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        <span>${caption}</span>
      </caption>
      <thead>
        <tr>
          ${head.map(({ title, unit, align }) => html`<th scope="col" class="${align}">${title}${unit === undefined ? null : html`<small>${unit}</small>`}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells, tone }) =>
            html`<tr${tone === undefined ? null : html` class="${tone}"`}>${cells.map((cell, column) =>
              column === 0
                ? html`<th scope="row">${cellOf(cell)}</th>`
                : html`<td class="${head[column].align} ${cell.mark?.tone ?? "plain"}">${cellOf(cell)}</td>`,
            )}</tr>\n`,
        )}
      </tbody>
    </table>
  </div> `;
}

function cellOf({ text, details = [], mark }: Cell): Markup {
  return html`${mark && markOf(mark)}<span class="value">${text}</span>${details.map((detail) => html`<small>${detail}</small>`)}`;
}

function figureOf({ title, caption, keys, columns, panels }: Figure): Markup {
  return html`<figure>
    <figcaption><strong>${title}</strong> ${caption}</figcaption>
    ${
      keys.length === 0
        ? null
        : html`<ul class="keys">
            ${keys.map(keyOf)}
          </ul>`
    }
    <div class="panels columns-${columns}">
      ${panels.map(
        ({ title, subtitle, draw }) =>
          html`<div class="panel">
            ${title === "" ? null : html`<p><strong>${title}</strong>${subtitle === undefined ? null : html` ${subtitle}`}</p>`}${trusted(draw())}
          </div> `,
      )}
    </div>
  </figure> `;
}

const swatches: Readonly<Record<Key["shape"], string>> = {
  line: '<path d="M1 6H21" stroke-width="2"/>',
  dashes: '<path d="M1 6H21" stroke-width="1.5" stroke-dasharray="3 2"/>',
  chance: '<path d="M1 6H21" stroke-width="1.25" stroke-dasharray="1 3" stroke-linecap="round"/>',
  area: '<path d="M1 11V4H21V11Z" fill-opacity=".3" fill="currentColor" stroke-width=".75"/>',
  bar: '<path d="M6 6H16" stroke-width="9" stroke-opacity=".45" stroke-linecap="round"/>',
  dot: '<circle cx="11" cy="6" r="3.5" fill="currentColor" stroke="none"/>',
  ring: '<circle cx="11" cy="6" r="3.6" stroke-width="1.6"/>',
};

function keyOf({ label, shape, colour }: Key): Markup {
  return html`<li>
    <svg viewBox="0 0 22 12" width="22" height="12" aria-hidden="true" fill="none" stroke="currentColor" style="color:var(--${colour})">
      ${trusted(swatches[shape])}</svg
    >${label}
  </li>`;
}
