import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import type { ExperimentResults } from "../results/experiment-results.ts";
import { summarise } from "../summary/summarise.ts";
import { hostile, renamed } from "./fixtures/hostile.ts";
import { htmlReport } from "./html-report.ts";
import { expectedCells } from "./fixtures/expected-cells.ts";

const results = exampleResults();
const page = htmlReport(results);
const { document } = parseHTML(page);
const texts = (selector: string, within: ParentNode = document) =>
  [...within.querySelectorAll(selector)].map(({ textContent }) => (textContent ?? "").trim());

/** The table of results that follows a scenario's heading. */
function tableOf(scenario: number): Element {
  let element = document.querySelector(`#scenario-${scenario}`);
  while (element !== null && !element.classList.contains("scroll")) element = element.nextElementSibling;
  return element!;
}

describe("the page", () => {
  it("has every number of the summary in its place", () => {
    summarise(results).scenarios.forEach((scenario, index) => {
      const rows = [...tableOf(index + 1).querySelectorAll("tbody tr")].map((row) =>
        [...row.querySelectorAll("th, td")].map((cell) => [...texts(".value", cell), ...texts("small", cell)]),
      );
      expect(rows).toEqual(expectedCells(scenario));
    });
  });

  it("says each verdict in shape and words, not by colour alone", () => {
    const cells = [...document.querySelectorAll("td.under, td.over, td.worse, td.different, td.good")];
    expect(cells.length).toBeGreaterThan(50);
    for (const cell of cells) {
      const mark = cell.querySelector(".mark")!;
      expect(mark.textContent).toMatch(/^\S$/u);
      expect(mark.getAttribute("aria-label")).toMatch(/\w/);
    }
  });

  it("is the same every time", () => {
    expect(htmlReport(structuredClone(results))).toBe(page);
  });

  it("loads nothing", () => {
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|\/\/[a-z]|@import|url\(/i);
    expect(texts("script, link, img, iframe, object, embed")).toEqual([]);
    expect([...document.querySelectorAll("[href]")].map((link) => link.getAttribute("href")?.[0])).not.toContain("h");
  });

  it("leads to sections that exist, each once", () => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...document.querySelectorAll("nav a")].map((link) => link.getAttribute("href")!.slice(1));
    expect(links).toEqual(["verdicts", "scenario-1", "scenario-2", "scenario-3", "scenario-4", "audits", "not-tested", "recipe-lock"]);
    expect(ids).toEqual(expect.arrayContaining(links));
  });

  it("describes every picture and heads every column and row", () => {
    for (const figure of document.querySelectorAll("figure")) {
      expect(texts("figcaption", figure)).toHaveLength(1);
      expect(figure.querySelectorAll(".panel svg").length).toBeGreaterThan(0);
    }
    for (const svg of document.querySelectorAll(".panel svg")) expect(svg.getAttribute("aria-label")).toMatch(/\w+.*\.$/);
    for (const header of document.querySelectorAll("th")) expect(["col", "row"]).toContain(header.getAttribute("scope"));
    for (const table of document.querySelectorAll("table")) {
      const widths = [...table.querySelectorAll("tr")].map((row) => row.children.length);
      expect(new Set(widths).size).toBe(1);
      expect(texts("caption", table)[0]).not.toBe("");
    }
  });

  it("draws no number that is none", () => {
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("shows markup in names as text", () => {
    const { document: shown } = parseHTML(htmlReport(renamed(results)));
    expect(shown.querySelectorAll("script, b, img")).toHaveLength(0);
    expect(shown.querySelector("h1")?.textContent).toBe(hostile);
    expect([...shown.querySelectorAll(".panel strong")].map(({ textContent }) => textContent)).toContain(hostile);
    for (const svg of shown.querySelectorAll(".panel svg")) expect([...svg.attributes].map(({ name }) => name)).not.toContain("onload");
  });

  it.each<readonly [string, ExperimentResults]>([
    ["nothing", { ...results, runs: [], failures: [], audits: [] }],
    ["one run", { ...results, runs: results.runs.slice(0, 1), failures: [], audits: [] }],
    ["only controls", { ...results, runs: results.runs.filter(({ role }) => role === "control"), audits: [] }],
    [
      "an audit without curves",
      {
        ...results,
        audits: results.audits.map((audit) => ({
          ...audit,
          attacks: audit.attacks.map((attack) => ({ ...attack, curve: null, accuracyPerSample: [0, 0] })),
        })),
      },
    ],
    ["an audit of one attack", { ...results, audits: results.audits.map((audit) => ({ ...audit, attacks: audit.attacks.slice(1) })) }],
  ])("can be made of %s", (_, some) => {
    const made = htmlReport(some);
    expect(made).toContain("What was not tested");
    expect(made).not.toMatch(/NaN|undefined|Infinity/);
  });
});
