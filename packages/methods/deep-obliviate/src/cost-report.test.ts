import { expect, it } from "vitest";
import { costReport } from "./cost-report.ts";

it("has no speed-up where nothing was retrained", () => {
  const counts = {
    blocksRedone: 0,
    blocksFromFirst: 1,
    blocks: 4,
    samplePasses: 0,
    recomputedSamplePasses: 0,
    retrainingSamplePasses: 30,
    bytesStored: 7,
  };
  expect(costReport(counts)).toEqual({ ...counts, speedUp: null });
  expect(costReport({ ...counts, samplePasses: 10 }).speedUp).toBe(3);
});
