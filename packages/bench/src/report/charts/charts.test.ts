import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { costChart } from "./cost.ts";
import { medianOf } from "./distribution.ts";
import { resolutionOf, rocChart } from "./roc.ts";
import { powerOfTen } from "./svg.ts";

const elements = (svg: string, selector: string) => [...parseHTML(svg).document.querySelectorAll(selector)];
const labels = (svg: string) => elements(svg, "text").map(({ textContent }) => textContent);

describe("the ROC chart", () => {
  const curve = { fpr: [0, 0, 0.25, 1], tpr: [0, 0.2, 0.6, 1] };

  it("begins at the smallest rates that the samples can show", () => {
    const resolution = resolutionOf([curve]);
    expect(resolution).toEqual({ fpr: 0.25, tpr: 0.2 });
    const drawn = labels(rocChart("x", [{ curve, who: "unlearned" }], resolution));
    expect(drawn).toEqual(expect.arrayContaining(["1/4", "1/5", "1"]));
  });

  it("climbs in steps: nothing is interpolated between two rates", () => {
    const svg = rocChart("x", [{ curve, who: "unlearned" }], { fpr: 0.25, tpr: 0.2 });
    const paths = elements(svg, "path").map((path) => path.getAttribute("d") ?? "");
    // From (1/4, 0.6) straight to the right edge, then up to (1, 1); the axis has its 0.2 at 202 pixels and its 1 at 8.
    const height = 202 - (194 * Math.log(0.6 / 0.2)) / Math.log(1 / 0.2);
    expect(paths).toContain(`M46,${height.toFixed(2)}L288,${height.toFixed(2)}L288,8`);
  });

  it("counts in powers of ten", () => {
    expect(labels(rocChart("x", [], { fpr: 0.0001, tpr: 0.01 }))).toEqual(expect.arrayContaining(["10⁻⁴", "10⁻³", "0.01", "0.1", "1"]));
    expect(powerOfTen(-12)).toBe("10⁻¹²");
  });

  it("has axes even for a curve that knows no rate but 0 and 1", () => {
    expect(resolutionOf([{ fpr: [0, 1], tpr: [0, 1] }])).toEqual({ fpr: 0.5, tpr: 0.5 });
  });
});

describe("the cost chart", () => {
  it("names every method once and draws the marks over the names", () => {
    const names = ["alpha", "beta", "gamma", "delta"];
    const points = names.map((method, k) => ({ method, seconds: 1 + 0.01 * k, inFull: null, distance: 0.2 + 0.001 * k, interval: null }));
    const svg = costChart({ description: "x", label: "y", points, retraining: 10, floor: 0.1, doNothing: 0.4 });
    const drawn = elements(svg, "text, circle").map(({ localName, textContent }) => (localName === "circle" ? "mark" : textContent));
    expect(drawn.filter((each) => names.includes(each ?? "")).toSorted()).toEqual(names.toSorted());
    expect(drawn.indexOf("mark")).toBeGreaterThan(Math.max(...names.map((name) => drawn.indexOf(name))));
    expect(drawn.filter((each) => each === "mark")).toHaveLength(4);
  });

  it("stands for a single method without references", () => {
    const points = [{ method: "alpha", seconds: 0.001, inFull: null, distance: 0, interval: null }];
    expect(costChart({ description: "x", label: "y", points, retraining: null, floor: null, doNothing: null })).not.toMatch(/NaN|Infinity/);
  });
});

it("the middle of a histogram is the centre of the bin that holds the middle sample", () => {
  expect(medianOf({ edges: [0, 1, 2, 3], shares: [0.4, 0.2, 0.4] })).toBe(1.5);
  expect(medianOf({ edges: [0, 1], shares: [0] })).toBeNull();
});
