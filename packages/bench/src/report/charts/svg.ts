import { plot, type PlotOptions } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Attributes whose numbers need no more than a hundredth of a pixel. */
const drawn = ["d", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"];

/**
 * Draws a chart without a browser. Colours are CSS variables of the page, so that one picture serves light, dark and paper; the page also gives the width.
 *
 * @param description what the picture shows, for those who cannot see it.
 */
export function drawSvg(description: string, options: PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = plot({ ...options, document, className: "chart" });
  // The page has one style sheet for all charts.
  svg.querySelector("style")?.remove();
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", description);
  for (const element of svg.querySelectorAll("*")) {
    element.removeAttribute("aria-label");
    element.removeAttribute("aria-hidden");
    for (const name of drawn) {
      const value = element.getAttribute(name);
      if (value !== null) element.setAttribute(name, rounded(value));
    }
  }
  return svg.outerHTML;
}

function rounded(numbers: string): string {
  return numbers.replaceAll(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100));
}

export const colours = {
  original: "var(--original)",
  unlearned: "var(--unlearned)",
  oracles: "var(--oracles)",
  muted: "var(--muted)",
  line: "var(--line)",
  ink: "var(--ink)",
} as const;

/** 10 to a whole power, as it is printed. */
export function powerOfTen(exponent: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join("")}`;
}

/** A label that fits where there is little room: names that begin alike mostly end differently, so the middle goes. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = most - 1;
  return `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(-Math.floor(kept / 2))}`;
}

/** Room that axis labels need on the left, with fonts that run wide. */
export function labelRoom(labels: readonly string[]): number {
  return Math.round(16 + 6.2 * Math.max(...labels.map((label) => label.length)));
}
