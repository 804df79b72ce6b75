import { createRandom, shardPlaces, type Recipe, type ShardwiseRecipe } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { costReport, samplePasses } from "./cost-report.ts";
import { expectedShards, expectedWork } from "./expected-cost.ts";

const ids = Array.from({ length: 4000 }, (_, i) => `id-${i}`);

/** Shards met, and share of the passes, of random requests of K samples. */
function simulated(shards: number, slices: number, deletions: number, trials: number) {
  // The epochs of every stage are equal here, so that no rounding comes in.
  const recipe: ShardwiseRecipe & Pick<Recipe, "epochs"> = { seed: 4, epochs: 3 * (slices + 1), order: { kind: "shards", shards, slices } };
  const places = shardPlaces(recipe, { ids });
  const passes = samplePasses(recipe, { ids });
  const whole = passes.flat().reduce((sum, count) => sum + count, 0);
  const random = createRandom(`requests ${shards} ${slices} ${deletions}`);
  const drawn = Array.from({ length: trials }, () => {
    const first = new Map<number, number>();
    for (const position of random.sample(ids.length, deletions)) {
      const { shard, slice } = places[position];
      first.set(shard, Math.min(slice, first.get(shard) ?? slice));
    }
    const redone = [...first].flatMap(([shard, slice]) => passes[shard].slice(slice));
    return { shards: first.size, work: redone.reduce((sum, count) => sum + count, 0) / whole };
  });
  return { shards: estimate(drawn.map((each) => each.shards)), work: estimate(drawn.map(({ work }) => work)) };
}

function estimate(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

describe("expected costs", () => {
  it.each([
    [5, 1, 1],
    [5, 4, 1],
    [1, 4, 1],
    [5, 4, 3],
    [20, 2, 12],
  ])("of %i shards and %i slices for %i deletions are those of simulated requests", (shards, slices, deletions) => {
    const { shards: met, work } = simulated(shards, slices, deletions, 1500);
    // Four standard errors, and what shards and slices of 4,000 samples differ in size.
    expect(Math.abs(met.mean - expectedShards({ shards, deletions }))).toBeLessThan(4 * met.error + 0.003 * shards);
    expect(Math.abs(work.mean - expectedWork({ shards, slices, deletions }))).toBeLessThan(4 * work.error + 0.03 * work.mean);
  });

  it("of one deletion are (2 R + 1) / (3 R S), at best two thirds of a shard", () => {
    for (const slices of [1, 2, 3, 10]) expect(expectedWork({ shards: 7, slices })).toBeCloseTo((2 * slices + 1) / (3 * slices * 7), 12);
    expect(expectedWork({ shards: 1, slices: 1e5 })).toBeCloseTo(2 / 3, 4);
    expect(expectedShards({ shards: 7 })).toBeCloseTo(1, 12);
    expect(expectedWork({ shards: 3, slices: 2, deletions: 500 })).toBeCloseTo(1, 12);
  });

  it("tell no speed-up where nothing was retrained", () => {
    const counts = { stagesRedone: 0, stages: 4, samplePasses: 0, retrainingSamplePasses: 30, bytesStored: 7 };
    expect(costReport(counts)).toEqual({ ...counts, speedUp: null });
    expect(costReport({ ...counts, samplePasses: 10 }).speedUp).toBe(3);
  });
});
