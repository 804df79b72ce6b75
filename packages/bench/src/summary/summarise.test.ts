import { equivalenceTest, type Flag, type MetricResult, type Verdict, type Interval } from "@lethe/metrics";
import { describe, expect, it } from "vitest";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import type { RunFailure } from "../results/experiment-results.ts";
import type { RunResult } from "../results/run-result.ts";
import { summarise } from "./summarise.ts";
import type { MetricSummary, RowSummary } from "./summary.ts";

const template = makeRun(problems[0], scenarios[1], methods[0], 0);
const [anyMetric] = template.evaluation.unlearned.metrics;

interface Judged {
  readonly value: number | null;
  readonly target?: number | null;
  readonly spread?: number | null;
  readonly oracles?: number;
  readonly resolution?: number | null;
  readonly band?: MetricResult["band"];
  readonly verdict?: Verdict;
}

function metric({
  value,
  target = 0.7,
  spread = 0.02,
  oracles = 3,
  resolution = 0.05,
  band = null,
  verdict = "within oracle band",
}: Judged): MetricResult {
  return { ...anyMetric, value, target, oracles: { values: [], mean: target, standardDeviation: spread, count: oracles }, resolution, band, verdict };
}

interface Given extends Partial<Omit<RunResult, "evaluation" | "cost">> {
  readonly judged: Judged;
  readonly before?: Judged;
  readonly flags?: readonly Flag[];
  readonly about?: readonly Flag[];
  readonly cost?: Partial<RunResult["cost"]>;
}

function run({ judged, before = { value: 1 }, flags = [], about = [], cost = {}, ...rest }: Given): RunResult {
  const row = { ...template.evaluation.unlearned, flags: [] };
  const evaluation = {
    ...template.evaluation,
    unlearned: { ...row, metrics: [metric(judged)], flags },
    doNothing: { ...row, metrics: [metric(before)] },
    flags: about,
  };
  return { ...template, ...rest, evaluation, cost: { ...template.cost, ...cost } };
}

function scenarioOf(runs: readonly RunResult[], failures: readonly RunFailure[] = []) {
  const { scenarios: found } = summarise({ name: "test", source: "", runs, failures, audits: [] });
  return found[0];
}

function rowOf(runs: readonly RunResult[], method = "ssd"): RowSummary {
  return scenarioOf(runs).rows.find((row) => row.method === method)!;
}

function metricOf(judged: readonly Judged[]): MetricSummary {
  return rowOf(judged.map((each, seed) => run({ seed, judged: each }))).metrics[0];
}

/** Quantiles of Student's t with one and with two degrees of freedom. */
const t1 = (p: number) => Math.tan(Math.PI * (p - 0.5));
const t2 = (p: number) => (2 * p - 1) / Math.sqrt(2 * p * (1 - p));

function expectInterval(interval: { readonly lower: number; readonly upper: number } | null, centre: number, halfWidth: number) {
  expect(interval!.lower).toBeCloseTo(centre - halfWidth, 9);
  expect(interval!.upper).toBeCloseTo(centre + halfWidth, 9);
}

/** A t-interval of shares, which ends at 0 and 1. */
function expectShareInterval(interval: Interval | null, centre: number, half: number): void {
  expect(interval!.lower).toBeCloseTo(Math.max(0, centre - half), 9);
  expect(interval!.upper).toBeCloseTo(Math.min(1, centre + half), 9);
}

describe("a metric over seeds", () => {
  it("has mean, t-interval and gap over the seeds", () => {
    const summary = metricOf([{ value: 0.5 }, { value: 0.7 }, { value: 0.9 }]);
    expect(summary.values).toEqual([0.5, 0.7, 0.9]);
    expect(summary.mean).toBeCloseTo(0.7, 12);
    expectShareInterval(summary.interval, 0.7, (t2(0.975) * 0.2) / Math.sqrt(3));
    expect(summary.target).toBeCloseTo(0.7, 12);
  });

  it("takes gaps without their signs, so that too much does not make good for too little", () => {
    const summary = metricOf([{ value: 0.5 }, { value: 0.7 }, { value: 0.9 }]);
    expect(summary.mean! - summary.target!).toBeCloseTo(0, 12);
    expect(summary.gap).toBeCloseTo(0.4 / 3, 12);
    // The gaps 0.2, 0, 0.2 have the variance 0.04 / 3.
    expectInterval(summary.gapInterval, 0.4 / 3, (t2(0.975) * Math.sqrt(0.04 / 3)) / Math.sqrt(3));
  });

  it("takes each seed's gap from that seed's own oracles", () => {
    const summary = metricOf([
      { value: 0.5, target: 0.4 },
      { value: 0.9, target: 0.6 },
    ]);
    expect(summary.target).toBeCloseTo(0.5, 12);
    expect(summary.gap).toBeCloseTo(0.2, 12);
    expectShareInterval(summary.interval, 0.7, (t1(0.975) * Math.sqrt(0.08)) / Math.SQRT2);
  });

  it("averages over the seeds that have a value, and keeps the place of the others", () => {
    const summary = metricOf([{ value: 0.6 }, { value: null, target: null, verdict: "not defined" }, { value: 0.8 }]);
    expect(summary.values).toEqual([0.6, null, 0.8]);
    expect(summary.mean).toBeCloseTo(0.7, 12);
    expect(summary.gap).toBeCloseTo(0.1, 12);
    expectShareInterval(summary.interval, 0.7, (t1(0.975) * Math.sqrt(0.02)) / Math.SQRT2);
    expect(summary.equivalence!.degreesOfFreedom).toBe(1);
  });

  it("keeps an interval within what is possible, on either side alone", () => {
    expectShareInterval(metricOf([{ value: 0.95 }, { value: 0.97 }]).interval, 0.96, (t1(0.975) * Math.sqrt(0.0002)) / Math.SQRT2);
    expect(metricOf([{ value: 0.95 }, { value: 0.97 }]).interval!.upper).toBe(1);
    expect(metricOf([{ value: 0.95 }, { value: 0.97 }]).interval!.lower).toBeGreaterThan(0.8);
  });

  it("has no gap where no seed has both a value and a target", () => {
    const summary = metricOf([{ value: null }, { value: 0.7, target: null }]);
    expect(summary).toMatchObject({ mean: 0.7, interval: null, target: 0.7, gap: null, gapInterval: null, equivalence: null });
  });

  it("averages the edges of the bands there are", () => {
    const summary = metricOf([{ value: 0.7, band: { lower: 0.5, upper: 0.8 } }, { value: 0.7, band: { lower: 0.7, upper: 0.9 } }, { value: 0.7 }]);
    expect(summary.band!.lower).toBeCloseTo(0.6, 12);
    expect(summary.band!.upper).toBeCloseTo(0.85, 12);
    expect(metricOf([{ value: 0.7 }]).band).toBeNull();
  });

  it("counts verdicts, the most frequent first", () => {
    const verdicts = (...all: Verdict[]) => metricOf(all.map((verdict) => ({ value: 0.7, verdict }))).verdicts;
    expect(verdicts("stands out", "within oracle band", "within oracle band")).toEqual([
      { verdict: "within oracle band", seeds: 2 },
      { verdict: "stands out", seeds: 1 },
    ]);
    expect(verdicts("stands out", "within oracle band").map(({ verdict }) => verdict)).toEqual(["stands out", "within oracle band"]);
  });
});

describe("equivalence with the oracles", () => {
  const pair = (change: Partial<Judged>) => [
    { value: 0.71, ...change },
    { value: 0.73, ...change },
  ];

  it("is two one-sided t-tests of the paired differences", () => {
    // Differences 0.01 and 0.03: mean 0.02, standard error 0.01. With one degree of freedom P(T >= t) = 1/2 - atan(t) / pi.
    const { equivalence } = metricOf(pair({ resolution: 0.1 }));
    expect(equivalence!.margin).toBe(0.1);
    expect(equivalence!.difference).toBeCloseTo(0.02, 12);
    expect(equivalence!.standardError).toBeCloseTo(0.01, 12);
    expect(equivalence!.pLower).toBeCloseTo(0.5 - Math.atan(12) / Math.PI, 9);
    expect(equivalence!.pUpper).toBeCloseTo(0.5 - Math.atan(8) / Math.PI, 9);
    expect(equivalence!.pValue).toBe(equivalence!.pUpper);
    expect(equivalence!.equivalent).toBe(true);
    expectInterval(equivalence!.interval, 0.02, 0.01 * t1(0.95));
  });

  it("is not shown by a difference that is merely inside the margin", () => {
    const { equivalence } = metricOf(pair({ resolution: 0.05 }));
    expect(equivalence!.pValue).toBeCloseTo(0.5 - Math.atan(3) / Math.PI, 9);
    expect(equivalence!.equivalent).toBe(false);
  });

  it("pools the oracles' spread over the seeds by their degrees of freedom", () => {
    const { equivalence } = metricOf([
      { value: 0.71, spread: 0.03, oracles: 3 },
      { value: 0.73, spread: 0.04, oracles: 5 },
    ]);
    expect(equivalence!.margin).toBeCloseTo(2 * Math.sqrt((2 * 0.03 ** 2 + 4 * 0.04 ** 2) / 6), 12);
  });

  it("takes the resolution where the oracles happen to agree", () => {
    expect(metricOf(pair({ spread: 0, resolution: 0.05 })).equivalence!.margin).toBe(0.05);
  });

  it.each<readonly [string, readonly Judged[]]>([
    ["one seed", [{ value: 0.7 }]],
    ["one oracle", pair({ spread: null, oracles: 1 })],
    ["no margin at all", pair({ spread: 0, resolution: 0 })],
  ])("is null with %s", (_, judged) => {
    expect(metricOf(judged).equivalence).toBeNull();
  });

  it("is shown by differences without any spread, and stays plain JSON", () => {
    const { equivalence } = metricOf([{ value: 0.7 }, { value: 0.7 }]);
    expect(equivalence).toMatchObject({ difference: 0, pValue: 0, equivalent: true });
    expect(JSON.parse(JSON.stringify(equivalence))).toEqual(equivalence);
  });
});

describe("a row", () => {
  const three = [0, 1, 2].map((seed) => run({ seed, judged: { value: 0.7 } }));

  it("leaves a missing seed out and says which came to a result", () => {
    const control = [0, 1, 2].map((seed) => run({ seed, method: "retrain (control)", role: "control", judged: { value: 0.7 } }));
    const failure = {
      id: "",
      problem: template.problem,
      scenario: template.scenario,
      method: "ssd",
      seed: 1,
      code: "pass/non-finite",
      message: "No.",
    };
    const { rows } = scenarioOf([three[2], three[0], ...control], [failure]);
    expect(rows.map((row) => row.seeds)).toEqual([
      [0, 1, 2],
      [0, 2],
      [0, 1, 2],
    ]);
    expect(rows[1].failures).toEqual([{ seed: 1, code: "pass/non-finite", message: "No." }]);
    expect(rows[1].metrics[0].values).toHaveLength(2);
  });

  it("exists for a method of which every run failed, with the metrics of the others and no numbers", () => {
    const failure = {
      id: "",
      problem: template.problem,
      scenario: template.scenario,
      method: "ascent",
      seed: 0,
      code: "pass/non-finite",
      message: "No.",
    };
    const row = scenarioOf(three, [failure]).rows.at(-1)!;
    expect(row).toMatchObject({ method: "ascent", role: "method", seeds: [], withinBand: null, statuses: [], speedUp: null });
    expect(row.metrics).toMatchObject([{ name: anyMetric.name, values: [], mean: null, gap: null, band: null, verdicts: [], equivalence: null }]);
  });

  it("takes doing nothing from the original, once for each seed", () => {
    const all = [0, 1].flatMap((seed) =>
      ["ssd", "finetune"].map((method) => run({ seed, method, judged: { value: 0.7 }, before: { value: 0.9 + seed / 10 } })),
    );
    const row = rowOf(all, "do nothing");
    expect(row.metrics[0].values).toEqual([0.9, 1]);
    expect(row).toMatchObject({ role: "do-nothing", statuses: [], seconds: { request: null, preparation: null, search: null }, speedUp: null });
  });

  it("collects flags with the seeds that have them", () => {
    const flag = (code: Flag["code"], sentence: string, ...metrics: string[]): Flag => ({ code, sentence, metrics });
    const runs = [
      run({ seed: 0, judged: { value: 0.7 }, flags: [flag("under-forgotten", "first", "a", "b")] }),
      run({ seed: 1, judged: { value: 0.7 }, flags: [flag("utility-lost", "lost", "d")] }),
      run({ seed: 2, judged: { value: 0.7 }, flags: [flag("under-forgotten", "second", "b", "c")] }),
    ];
    expect(rowOf(runs).flags).toEqual([
      { flag: flag("under-forgotten", "first", "a", "b", "c"), seeds: [0, 2] },
      { flag: flag("utility-lost", "lost", "d"), seeds: [1] },
    ]);
  });

  it("takes the share within the band over the verdicts that there are", () => {
    const verdicts: Verdict[] = ["within oracle band", "under-forgotten", "not defined", "needs more oracles", "better than oracle band"];
    expect(rowOf(verdicts.map((verdict, seed) => run({ seed, judged: { value: 0.7, verdict } }))).withinBand).toBeCloseTo(1 / 3, 12);
    expect(rowOf([run({ judged: { value: 0.7, verdict: "needs more oracles" } })]).withinBand).toBeNull();
  });

  it("counts statuses and averages times", () => {
    const cost = (seconds: number) => ({ ...template.cost.request, seconds });
    const runs = [
      run({ seed: 0, judged: { value: 0.7 }, cost: { request: cost(1), preparation: cost(4), oracleSeconds: [9, 11], search: null } }),
      run({ seed: 1, judged: { value: 0.7 }, cost: { request: cost(3), preparation: null, oracleSeconds: [19, 21], search: null } }),
    ].map((each, seed) => ({ ...each, outcome: { ...each.outcome, status: ["diverged", "completed"][seed] } }));
    const row = rowOf([...runs, { ...runs[1], seed: 2 }]);
    expect(row.statuses).toEqual([
      { status: "completed", seeds: 2 },
      { status: "diverged", seeds: 1 },
    ]);
    expect(row.seconds.request).toBeCloseTo(7 / 3, 12);
    expect(row.seconds).toMatchObject({ preparation: 4, search: null });
    expect(row.speedUp).toBeCloseTo(50 / 3 / (7 / 3), 12);
    expect(scenarioOf(runs).oracleSeconds).toBe(15);
  });
});

describe("a scenario", () => {
  const few: Flag = { code: "needs-more-oracles", sentence: "Two.", metrics: [] };

  it("says that there are too few oracles, and how many", () => {
    const runs = [0, 1, 2].map((seed) => run({ seed, judged: { value: 0.7, oracles: 2 }, about: [few] }));
    const withTwo = runs.map((each) => ({ ...each, evaluation: { ...each.evaluation, oracleCount: 2 } }));
    expect(scenarioOf(withTwo)).toMatchObject({ oracles: 2, flags: [{ ...few, seeds: [0, 1, 2] }] });
  });

  it("says that there are too few seeds, and gives no interval for one", () => {
    const [one, two, three] = [1, 2, 3].map((count) => scenarioOf(Array.from({ length: count }, (_, seed) => run({ seed, judged: { value: 0.7 } }))));
    expect(one.flags).toMatchObject([{ code: "needs-more-seeds", seeds: [0] }]);
    expect(one.rows[1].metrics[0]).toMatchObject({ mean: 0.7, interval: null, gapInterval: null, equivalence: null });
    expect(two.flags).toMatchObject([{ code: "needs-more-seeds", seeds: [0, 1] }]);
    expect(two.flags[0].sentence).not.toBe(one.flags[0].sentence);
    expect(three.flags).toEqual([]);
  });

  it("says to which seeds a flag applies", () => {
    const telling: Flag = { code: "forget-set-not-discriminating", sentence: "It cannot tell.", metrics: ["a"] };
    const runs = [0, 1, 2].map((seed) => run({ seed, judged: { value: 0.7 }, about: seed === 1 ? [telling] : [] }));
    expect(scenarioOf(runs).flags).toEqual([{ ...telling, seeds: [1] }]);
  });
});

describe("a whole experiment", () => {
  const results = exampleResults();
  const summary = summarise(results);

  it("has doing nothing first, the methods in their order, the control last", () => {
    expect(summary.seeds).toEqual([0, 1, 2]);
    expect(summary.scenarios.map(({ problem, scenario }) => [problem, scenario])).toEqual([
      ["digits-mlp", "class"],
      ["digits-mlp", "random"],
      ["fashion-cnn", "class"],
      ["fashion-cnn", "random"],
    ]);
    for (const { rows } of summary.scenarios) {
      expect(rows.map(({ method, role }) => [method, role])).toEqual([
        ["do nothing", "do-nothing"],
        ["ssd", "method"],
        ["finetune", "method"],
        ["ascent", "method"],
        ["retrain (control)", "control"],
      ]);
    }
    const [controls, others] = [true, false].map((isControl) => results.runs.filter(({ role }) => (role === "control") === isControl));
    const shuffled = summarise({ ...results, runs: [...controls, ...others.toSorted((a, b) => b.seed - a.seed)] });
    expect(shuffled.scenarios.map(({ rows }) => rows.map(({ method }) => method))).toEqual(
      summary.scenarios.map(({ rows }) => rows.map(({ method }) => method)),
    );
    expect(shuffled.scenarios[0].rows[1].metrics).toEqual(summary.scenarios[0].rows[1].metrics);
  });

  it("describes each scenario", () => {
    expect(summary.scenarios[2]).toMatchObject({
      forgotten: "class 1 (Trouser)",
      oracles: 4,
      sampleCounts: { retain: 60, forget: 20, test: 40 },
      flags: [],
    });
    const { rows } = summary.scenarios[3];
    expect(rows[3]).toMatchObject({ seeds: [0, 1], failures: [{ seed: 2, code: "pass/non-finite" }] });
    expect(rows[2].statuses).toEqual([
      { status: "completed", seeds: 2 },
      { status: "stopped-early", seeds: 1 },
    ]);
  });

  it("tests equivalence as equivalenceTest does", () => {
    const tested = summary.scenarios.flatMap(({ problem, scenario, rows }) =>
      rows
        .filter(({ role }) => role !== "do-nothing")
        .flatMap(({ method, metrics }) => metrics.map(({ name, equivalence }) => ({ problem, scenario, method, name, equivalence }))),
    );
    let compared = 0;
    for (const { equivalence, name, ...place } of tested) {
      if (equivalence === null) continue;
      const { margin, ...outcome } = equivalence;
      const found = results.runs
        .filter((each) => each.problem === place.problem && each.scenario === place.scenario && each.method === place.method)
        .map(({ evaluation }) => evaluation.unlearned.metrics.find((result) => result.name === name)!);
      const direct = equivalenceTest({ kind: "paired", x: found.map(({ value }) => value!), y: found.map(({ target }) => target!), margin });
      const { tLower: _tLower, tUpper: _tUpper, ...expected } = direct!;
      expect(outcome).toEqual(expected);
      compared++;
    }
    expect(compared).toBeGreaterThan(tested.length / 2);
  });

  it("finds the control like the oracles more often than doing nothing", () => {
    for (const { rows } of summary.scenarios) expect(rows.at(-1)!.withinBand!).toBeGreaterThan(rows[0].withinBand! + 0.2);
  });

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it("may have found nothing at all", () => {
    expect(summarise({ ...results, runs: [] })).toMatchObject({ seeds: [], scenarios: [] });
  });
});
