import type { Verdict } from "@lethe/metrics";
import { describe, expect, it } from "vitest";
import type { MetricSummary, RowSummary } from "../summary/summary.ts";
import { outcomeOf } from "./outcome.ts";
import { majority } from "./verdicts.ts";

const columns = [
  { title: "Forget", noun: "forget accuracy", metric: "forget-accuracy" },
  { title: "Retain", noun: "retain accuracy", metric: "retain-accuracy" },
];

function metric(name: string, verdicts: MetricSummary["verdicts"], equivalent = false): MetricSummary {
  const nothing = { mean: 0.5, interval: null, target: 0.5, band: null, gap: 0, gapInterval: null };
  const equivalence = equivalent
    ? {
        difference: 0,
        standardError: 1,
        degreesOfFreedom: 2,
        pLower: 0,
        pUpper: 0,
        pValue: 0,
        equivalent,
        interval: { lower: 0, upper: 0 },
        margin: 1,
      }
    : null;
  return { name, title: name, unit: "share", direction: "higher", values: [], ...nothing, verdicts, equivalence };
}

function row(metrics: readonly MetricSummary[], rest: Partial<RowSummary> = {}): RowSummary {
  const seconds = { request: 1, preparation: null, search: null };
  return {
    problem: "p",
    scenario: "s",
    method: "m",
    role: "method",
    seeds: [0, 1, 2],
    failures: [],
    metrics,
    flags: [],
    moved: null,
    withinBand: 1,
    statuses: [],
    seconds,
    speedUp: 2,
    ...rest,
  };
}

const all = (verdict: Verdict) => [{ verdict, seeds: 3 }];

describe("majority", () => {
  it("gives a tie to the graver verdict", () => {
    const verdicts = [
      { verdict: "within oracle band" as const, seeds: 1 },
      { verdict: "over-forgotten" as const, seeds: 1 },
    ];
    expect(majority({ verdicts })).toEqual({ verdict: "over-forgotten", seeds: 1, of: 2 });
  });

  it("follows most seeds", () => {
    const verdicts = [
      { verdict: "within oracle band" as const, seeds: 2 },
      { verdict: "over-forgotten" as const, seeds: 1 },
    ];
    expect(majority({ verdicts })).toEqual({ verdict: "within oracle band", seeds: 2, of: 3 });
    expect(majority({ verdicts: [] })).toBeNull();
  });
});

describe("outcomeOf", () => {
  it("calls only what is inside everywhere like retrained, and counts what is shown", () => {
    const outcome = outcomeOf(
      row([metric("forget-accuracy", all("within oracle band"), true), metric("retain-accuracy", all("within oracle band"))]),
      columns,
    );
    expect(outcome.mark.label).toBe("like retrained");
    expect(outcome.predicate).toBe("is like a retrained model in all 2 numbers of the table; equivalence is shown for 1 of them");
  });

  it("names the gravest finding first and says in how many seeds", () => {
    const verdicts = [
      { verdict: "under-forgotten" as const, seeds: 2 },
      { verdict: "within oracle band" as const, seeds: 1 },
    ];
    const outcome = outcomeOf(row([metric("forget-accuracy", verdicts), metric("retain-accuracy", all("worse than oracle band"))]), columns);
    expect(outcome.mark.label).toBe("under-forgotten");
    expect(outcome.predicate).toBe(
      "still remembers what was to be forgotten (forget accuracy in 2 of 3 seeds) and is less useful than a retrained model (retain accuracy)",
    );
  });

  it("does not praise forgetting by a model that is of no use", () => {
    const flag = { code: "utility-lost" as const, sentence: "The model has lost its use.", metrics: [] };
    const metrics = [metric("forget-accuracy", all("within oracle band")), metric("retain-accuracy", all("worse than oracle band"))];
    expect(outcomeOf(row(metrics, { flags: [{ flag, seeds: [0, 1] }] }), columns).mark.label).toBe("utility lost");
    expect(outcomeOf(row(metrics, { flags: [{ flag, seeds: [0] }] }), columns).mark.label).toBe("less useful than retrained");
  });

  it("gives no verdict without a band and none for failed runs", () => {
    expect(outcomeOf(row([metric("forget-accuracy", all("needs more oracles"))]), columns).mark.label).toBe("no verdict");
    const failures = [{ seed: 0, code: "x", message: "y" }];
    expect(outcomeOf(row([metric("forget-accuracy", [])], { seeds: [], failures }), columns).predicate).toBe("came to no result: 1 run failed");
  });
});
