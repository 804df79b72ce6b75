import type { Cost } from "@lethe/core";
import { expect, test } from "vitest";
import { costRecord, type CostInput } from "./cost-record.ts";

const cost = (changes: Partial<Cost>): Cost => ({
  samplesForward: 0,
  samplesBackward: 0,
  hessianVectorProducts: 0,
  bytesStored: 0,
  seconds: 0,
  ...changes,
});
const values = (input: CostInput) => Object.fromEntries(costRecord(input).map(({ name, value }) => [name, value]));

test("request and preparation stay apart, storage is added, Hessian-vector products count as gradients", () => {
  const request = cost({ seconds: 2, samplesForward: 30, samplesBackward: 20, hessianVectorProducts: 5, bytesStored: 7 });
  const preparation = cost({ seconds: 50, samplesBackward: 1000, bytesStored: 4000 });
  const retraining = cost({ seconds: 100, samplesBackward: 5000 });
  expect(values({ request, preparation, retraining, search: cost({ seconds: 9 }) })).toEqual({
    "unlearn-time": 2,
    "preparation-time": 50,
    "search-time": 9,
    "stored-bytes": 4007,
    "gradient-evaluations": 25,
    "gradient-share": 0.005,
    "forward-passes": 30,
    "speed-up": 50,
  });
});

test("what was not measured is null, not 0", () => {
  expect(values({ request: cost({ seconds: 2 }) })).toMatchObject({
    "preparation-time": null,
    "search-time": null,
    "speed-up": null,
    "gradient-share": null,
  });
  expect(values({ request: cost({}), retraining: cost({ seconds: 3 }) })).toMatchObject({ "speed-up": null, "gradient-share": null });
  const record = costRecord({ request: cost({}) });
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
});
