import type { UnlearnedResult } from "@lethe/bench";
import type { Cost } from "@lethe/core";
import { evaluate, type SetLogits } from "@lethe/metrics";
import { describe, expect, it } from "vitest";
import { plain, styleFor } from "../../terminal/style.ts";
import type { DemoMethod } from "./plan.ts";
import { demoReport } from "./report.ts";
import type { Demo, JudgedRow } from "./run.ts";

const cost = (seconds: number): Cost => ({ samplesForward: 0, samplesBackward: 0, hessianVectorProducts: 0, bytesStored: 0, seconds });

/** Two classes; every sample of a set has the margin +-m for its label. The last retained sample tells models apart. */
function model(forgetMargin: number, margin = 2): SetLogits {
  const rows = (margins: readonly number[]) => ({
    shape: [margins.length, 2],
    values: Float32Array.from(margins.flatMap((m, i) => (i % 2 === 0 ? [m, 0] : [0, m]))),
  });
  return { retain: rows([margin, margin, margin, margin + 0.1]), forget: rows([forgetMargin, forgetMargin]), test: rows([1, 1, 1, margin / 2]) };
}

const labels = { retain: [0, 1, 0, 1], forget: [0, 1], test: [0, 1, 0, 1] };
const oracles = [model(-1, 2.0), model(-1.1, 2.1), model(-0.9, 1.9)];

function row(method: DemoMethod, logits: SetLogits, seconds: number): JudgedRow {
  const result: UnlearnedResult = {
    model: {},
    weights: "w",
    options: {},
    status: "completed",
    message: "",
    report: {},
    forgotten: [],
    artifact: undefined,
    cost: cost(seconds),
    preparation: undefined,
    outputs: undefined,
    layers: [],
    moved: null,
  };
  return { method, result, evaluation: evaluate({ labels, original: model(3), unlearned: logits, oracles }) };
}

const demo: Demo = {
  plan: {
    seed: 0,
    recipe: { seed: 0, epochs: 8, batchSize: 32, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.1 } },
    oracles: 3,
    scenarios: [],
  },
  backend: "wasm",
  workers: 2,
  size: 6,
  made: { original: { model: {}, weights: "o", loss: 0.1, cost: cost(9), outputs: undefined }, prepared: { artifact: undefined, cost: cost(1) } },
  cases: [
    {
      scenario: { id: "random-2", title: "2 samples at random", selection: { random: 2 }, forgotten: ["a", "b"] },
      rows: [row("ssd", model(-1), 0.1), row("finetune", model(3), 5), row("retrain", model(-1.05), 8)],
      oracleSeconds: [8, 8, 8],
    },
  ],
  seconds: 61,
};

describe("the demo's table", () => {
  const lines = demoReport(demo, "runs/demo").text({ style: plain, columns: 120, lethe: "lethe" }).split("\n");
  const cells = (start: string) =>
    lines
      .find((line) => line.startsWith(start))
      ?.trim()
      .split(/\s{2,}/);

  it("puts every method between doing nothing and the oracles", () => {
    expect(lines[0]).toBe("Forget 2 samples at random  2 of 6 training samples");
    expect(cells("do nothing")?.slice(1, 3)).toEqual(["100.0", "100.0"]);
    expect(cells("do nothing")?.at(-1)).toBe("under-forgotten");
    expect(cells("ssd")?.slice(-3)).toEqual(["100 ms", "80x", "like retrained"]);
    expect(cells("finetune")?.slice(-3)).toEqual(["5.0 s", "1.6x", "under-forgotten"]);
    expect(cells("retrain")?.slice(-2)).toEqual(["8.0 s", "like retrained"]);
    expect(cells("oracles")?.at(-1)).toBe("band of 3");
  });

  it("counts the preparation in full beside the time per request", () => {
    expect(lines).toContain("ssd also prepared for 1.0 s, once for all requests; counted in full, it is 7.3x faster.");
  });

  it("paints what is out of the band red", () => {
    const coloured = demoReport(demo, "runs/demo").text({
      style: styleFor({ write() {} }, { variables: { FORCE_COLOR: "1" } }),
      columns: 120,
      lethe: "lethe",
    });
    const line = (start: string) => coloured.split("\n").find((each) => each.includes(start));
    expect(line("do nothing")).toContain("\x1b[31m100.0\x1b[39m");
    expect(line("do nothing")).toContain("\x1b[31munder-forgotten\x1b[39m");
    expect(line("retrain\x1b")).toContain("\x1b[32mlike retrained\x1b[39m");
  });

  it("gives a machine everything", () => {
    expect(JSON.parse(JSON.stringify(demoReport(demo, "runs/demo").data))).toMatchObject({
      folder: "runs/demo",
      preparation: { seconds: 1 },
      scenarios: [{ id: "random-2", methods: [{ method: "ssd", evaluation: { oracleCount: 3 } }, { method: "finetune" }, { method: "retrain" }] }],
    });
  });
});
