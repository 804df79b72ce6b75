import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import type { RunResult } from "../results/run-result.ts";
import { compareResults } from "./compare-results.ts";

const runs = scenarios.map((scenario) => makeRun(problems[0], scenario, methods[0], 0));
const [run] = runs;
type Metric = RunResult["evaluation"]["unlearned"]["metrics"][number];

/** The same result, but for one metric of the unlearned model's row. */
function withMetric(name: string, change: (metric: Metric) => Partial<Metric>): RunResult {
  const metrics = run.evaluation.unlearned.metrics.map((metric) => (metric.name === name ? { ...metric, ...change(metric) } : metric));
  return { ...run, evaluation: { ...run.evaluation, unlearned: { ...run.evaluation.unlearned, metrics } } };
}

function withLock(change: Partial<RunResult["lock"]>): RunResult {
  return { ...run, lock: { ...run.lock, ...change } };
}

const movedBy = (distance: number) => withMetric("forget-accuracy", ({ value, resolution }) => ({ value: value! + distance * resolution! }));

describe("a result compared with itself", () => {
  test.each(runs)("is equal in every number: $id", (each) => {
    const { verdict, numbers, weights, status, differences, notes } = compareResults(each, JSON.parse(JSON.stringify(each)) as RunResult);
    expect({ verdict, differences, notes }).toEqual({ verdict: "equal", differences: [], notes: [] });
    expect(new Set([...numbers, ...weights, status!].map((compared) => compared.verdict))).toEqual(new Set(["equal"]));
  });

  test("has every number of every metric, and of every class", () => {
    const { numbers } = compareResults(run, run);
    const of = (quantity: string) => numbers.filter((each) => each.quantity === quantity).map((each) => each.of);
    for (const { name, oracles } of run.evaluation.unlearned.metrics) {
      const each = oracles.values.map((_, index) => `oracle ${index + 1}`);
      expect(of(name)).toEqual(["unlearned", "do nothing", ...each, "band lower", "band upper"]);
    }
    for (let label = 0; label < run.evaluation.classCount; label++) {
      expect(of(`class-accuracy ${label}`)).toEqual(["unlearned", "original", "oracle 1", "oracle 2", "oracle 3", "oracle 4"]);
    }
  });

  test("is equal whatever the numbers are", () => {
    const numbers = fc.record({ value: fc.option(fc.double(), { nil: null }), resolution: fc.option(fc.double({ min: 0 }), { nil: null }) });
    fc.assert(
      fc.property(numbers, (change) => {
        const changed = withMetric("forget-accuracy", () => change);
        return compareResults(changed, JSON.parse(JSON.stringify(changed)) as RunResult).verdict === "equal";
      }),
      { numRuns: 20 },
    );
  });
});

describe("the tolerance", () => {
  test("is what the samples of a metric can show", () => {
    expect(compareResults(run, movedBy(0.99)).verdict).toBe("within tolerance");
    expect(compareResults(run, movedBy(1.01)).verdict).toBe("different");
  });

  test("is replaced by a relative one", () => {
    expect(compareResults(run, movedBy(0.99), { tolerance: 0 }).verdict).toBe("different");
    const larger = withMetric("retain-accuracy", ({ value }) => ({ value: value! * 1.05 }));
    expect(compareResults(run, larger).verdict).toBe("different");
    expect(compareResults(run, larger, { tolerance: 0.1 }).verdict).toBe("within tolerance");
    expect(compareResults(run, larger, { tolerance: 0.01 }).verdict).toBe("different");
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("is refused where it is %d", (tolerance) => {
    expect(() => compareResults(run, run, { tolerance })).toThrow(expect.objectContaining({ code: "replay/bad-tolerance" }) as Error);
  });
});

describe("different numbers", () => {
  test("are found in an oracle, in a band and in a class", () => {
    const verdicts = (replayed: RunResult) => {
      const { verdict, numbers } = compareResults(run, replayed);
      return [verdict, ...numbers.filter((each) => each.verdict !== "equal").map((each) => `${each.quantity}: ${each.of}`)];
    };
    const oracle = withMetric("forget-accuracy", ({ oracles }) => ({ oracles: { ...oracles, values: oracles.values.with(2, -1) } }));
    expect(verdicts(oracle)).toEqual(["different", "forget-accuracy: oracle 3"]);
    const band = withMetric("forget-accuracy", ({ band: edges }) => ({ band: { lower: -1, upper: edges!.upper } }));
    expect(verdicts(band)).toEqual(["different", "forget-accuracy: band lower"]);
    const classAccuracy = { ...run.details.classAccuracy, unlearned: run.details.classAccuracy.unlearned.with(3, -1) };
    expect(verdicts({ ...run, details: { ...run.details, classAccuracy } })).toEqual(["different", "class-accuracy 3: unlearned"]);
  });

  test("are those that are gone: an oracle less, a metric less", () => {
    const fewer = withMetric("forget-accuracy", ({ oracles }) => ({ oracles: { ...oracles, values: oracles.values.slice(1) } }));
    expect(compareResults(run, fewer).numbers.find(({ of }) => of === "oracle 4")).toMatchObject({ replayed: null, verdict: "different" });
    const { verdict, differences } = compareResults(
      run,
      withMetric("forget-accuracy", () => ({ name: "renamed" })),
    );
    expect(verdict).toBe("different");
    expect(differences.map(({ name }) => name)).toEqual(["metric forget-accuracy", "metric renamed"]);
  });

  test("are not the times", () => {
    const seconds = { ...run.cost.request, seconds: 1e6 };
    expect(compareResults(run, { ...run, cost: { ...run.cost, request: seconds, training: seconds } })).toEqual(compareResults(run, run));
  });

  test("may be all that a reader notices, so that a changed status counts too", () => {
    const { verdict, status } = compareResults(run, { ...run, outcome: { ...run.outcome, status: "diverged" } });
    expect(verdict).toBe("different");
    expect(status).toEqual({ of: "status", recorded: "completed", replayed: "diverged", verdict: "different" });
  });
});

describe("notes", () => {
  test("say that weights differ, which is no failure", () => {
    const { verdict, notes, weights } = compareResults(run, { ...run, weights: { ...run.weights, unlearned: "0".repeat(64) } });
    expect({ verdict, notes }).toEqual({ verdict: "equal", notes: ["The weights differ in unlearned, yet every number is equal."] });
    expect(weights.filter((each) => each.verdict === "different").map(({ of }) => of)).toEqual(["unlearned"]);
  });

  test("say that the backend is another one", () => {
    const { notes, differences, verdict } = compareResults(run, withLock({ backend: "cpu" }));
    expect(verdict).toBe("equal");
    expect(differences).toEqual([{ name: "backend", recorded: "wasm", now: "cpu" }]);
    expect(notes.join()).toContain("made on the backend wasm and replayed on cpu");
  });

  test("say that a verdict changed", () => {
    const { notes } = compareResults(
      run,
      withMetric("forget-accuracy", () => ({ verdict: "stands out" })),
    );
    expect(notes).toEqual([`Forget accuracy was "${run.evaluation.unlearned.metrics[0].verdict}" and is now "stands out".`]);
  });
});

describe("differences between the locks", () => {
  test("are listed by name, added and removed ones too", () => {
    const versions = { "@lethe/core": "0.2.0", "@lethe/new": "1.0.0", node: run.lock.versions["node"] };
    const method = { ...run.lock.method, version: "9.9.9", options: { alpha: 3 } };
    const { differences, verdict } = compareResults(
      withLock({ method: { ...method, version: "9.9.8", options: { alpha: 2 } } }),
      withLock({ versions, method }),
    );
    expect(verdict).toBe("equal");
    expect(differences).toEqual([
      { name: "method.version", recorded: "9.9.8", now: "9.9.9" },
      { name: "method.options.alpha", recorded: 2, now: 3 },
      { name: "versions.@lethe/core", recorded: "0.1.0", now: "0.2.0" },
      { name: "versions.@lethe/metrics", recorded: "0.1.0", now: null },
      { name: "versions.@lethe/new", recorded: null, now: "1.0.0" },
    ]);
  });

  test("include the version of a metric's recipe", () => {
    const { differences } = compareResults(
      run,
      withMetric("forget-accuracy", ({ version }) => ({ version: version + 1 })),
    );
    expect(differences).toEqual([{ name: "metric forget-accuracy", recorded: 1, now: 2 }]);
  });
});
