import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { summarise } from "../summary/summarise.ts";
import { expectedCells } from "./fixtures/expected-cells.ts";
import { renamed } from "./fixtures/hostile.ts";
import { htmlReport } from "./html-report.ts";
import { markdownReport } from "./markdown-report.ts";

const results = exampleResults();
const report = markdownReport(results);

/** Blocks of lines that begin with a bar, as cells. */
function tablesOf(markdown: string): string[][][] {
  return markdown
    .split("\n\n")
    .filter((block) => block.startsWith("|"))
    .map((block) => block.split("\n").map(cellsOf));
}

function cellsOf(line: string): string[] {
  expect(line).toMatch(/^\| .* \|$/);
  return line.slice(2, -2).split(/ (?<!\\)\| /);
}

describe("the Markdown report", () => {
  it("has every number of the summary in its place", () => {
    const tables = tablesOf(report).filter(([head]) => head[0] === "Method" && head.includes("Faster"));
    const { scenarios } = summarise(results);
    expect(tables).toHaveLength(scenarios.length);
    scenarios.forEach((scenario, index) => {
      const unmarked = tables[index].slice(2).map((row) => row.map((cell) => cell.replace(/^[●◉▲▼✕△◆≠?] /u, "")));
      expect(unmarked).toEqual(
        expectedCells(scenario).map((row) => row.map(([text, ...details]) => (details.length === 0 ? text : `${text} (${details.join("; ")})`))),
      );
    });
  });

  it.each([
    ["the example", report],
    ["hostile names", markdownReport(renamed(results))],
  ])("has tables of even width, for %s", (_, markdown) => {
    const tables = tablesOf(markdown);
    expect(tables.length).toBeGreaterThan(10);
    for (const [head, rule, ...rows] of tables) {
      expect(rule.every((cell) => /^(:--|--:)$/.test(cell))).toBe(true);
      for (const row of [rule, ...rows]) expect(row).toHaveLength(head.length);
    }
  });

  it("keeps names from becoming markup", () => {
    const prose = markdownReport(renamed(results)).replace(/\n(`{4,})\n[\s\S]*?\n\1\n/, "");
    expect(prose).not.toMatch(/<\w|[^\\]`/);
  });

  it("says what the page says", () => {
    const plain = (text: string) => text.replaceAll(/&amp;|&lt;|&gt;|&quot;|&#39;|[\\*#|\s]/g, "");
    const page = plain(htmlReport(results).replaceAll(/<[^>]*>/g, ""));
    const sentences = report.split("\n").filter((line) => /^([A-Z]|- )/.test(line));
    expect(sentences.length).toBeGreaterThan(40);
    for (const sentence of sentences) expect(page).toContain(plain(sentence.replace(/^- /, "")));
  });

  it("is the same every time", () => {
    expect(markdownReport(structuredClone(results))).toBe(report);
  });
});
