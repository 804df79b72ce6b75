import { expect, test } from "vitest";
import { meanInterval } from "../statistics/intervals.ts";
import { forgettingScore, forgettingScoreRecords, klom, klomRecords, attackRecords, costRecord, uLira, uLiraRecords } from "../index.ts";
import { judge, original } from "../fixtures/models.ts";
import { table } from "../fixtures/table.ts";
import { furtherMetrics } from "./further-metrics.ts";
import { recordOverRuns } from "./run-record.ts";

test("a record over runs: mean, t-interval over runs, and the retrained models' mean as target", () => {
  const metric = furtherMetrics["anamnesis-index"];
  const record = recordOverRuns(metric, { values: [0.5, 0.7, 0.9], oracles: [1, 1.1] });
  expect(record).toMatchObject({ ...metric, value: expect.closeTo(0.7, 12), target: 1.05, flags: [] });
  expect(record.interval).toEqual(meanInterval([0.5, 0.7, 0.9], 0.95));
  expect(recordOverRuns(metric, { values: [0.5] })).toMatchObject({ value: 0.5, target: null, interval: null });
  expect(recordOverRuns(metric, { values: [] })).toMatchObject({ value: null, target: null, interval: null });
});

const column = (values: number[]) => table(values.length, 1, (run) => values[run]);

test("every producer of results says name, version, title, recipe, unit, direction, target and interval", () => {
  const attack = uLira({
    shadows: { phi: column([4, 6, 0, 2]), forgotten: column([1, 1, 0, 0]), neverSeen: column([0, 0, 1, 1]) },
    targets: { phi: column([5, 2]), forgotten: column([1, 0]), neverSeen: column([0, 1]) },
  });
  const phi = column([0, 1, 2, 3]);
  const cost = { samplesForward: 1, samplesBackward: 1, hessianVectorProducts: 0, bytesStored: 0, seconds: 2 };
  const scores = { members: [0.9, 0.4], nonMembers: [0.5, 0.1] };
  const records = [
    ...uLiraRecords({ attack }),
    ...(["lira", "lira-offline", "rmia"] as const).flatMap((name) => attackRecords({ attack: name, scores })),
    ...forgettingScoreRecords(forgettingScore({ unlearned: phi, retrained: phi })),
    ...klomRecords(klom({ unlearned: phi, oracle: phi })),
    ...costRecord({ request: cost }),
    ...Object.values(furtherMetrics).map((metric) => recordOverRuns(metric, { values: [0.1, 0.2], oracles: [0.1] })),
  ];
  const results = judge(original).unlearned.metrics;
  for (const record of [...records, ...results]) {
    expect(record.name).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
    expect(record.version).toBeGreaterThanOrEqual(1);
    expect(record.title.length).toBeGreaterThan(3);
    // One sentence that says how the number is made.
    expect(record.recipe).toMatch(/^[A-Z0-9(].{20,}[.)]$/s);
    expect(["match oracles", "higher", "lower"]).toContain(record.direction);
    expect(record).toHaveProperty("unit");
    expect(record).toHaveProperty("value");
    expect(record).toHaveProperty("target");
  }
  for (const record of records) expect(record).toHaveProperty("interval");
  // One model's value has no interval over models; it has a band of them, and says what its samples can show.
  for (const result of results) expect([result.band === null, result.resolution === null]).toEqual([false, false]);
  expect(new Set([...records, ...results].map(({ name }) => name)).size).toBe(records.length + results.length);
});
