import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BatchPlan, type PlannedBatch } from "./batch-plan.ts";
import { blockOf } from "./blocks.ts";
import type { Recipe } from "./recipe.ts";

const shuffled: Recipe = { seed: 5, epochs: 3, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
const recipe = { ...shuffled, order: { kind: "blocks", blocks: 6 } } as const;
const named = (count: number) => Array.from({ length: count }, (_, i) => `id-${i}`);

function everyBatch(by: Recipe, ids: readonly string[]): PlannedBatch[] {
  const plan = new BatchPlan(by, { ids });
  const batches: PlannedBatch[] = [];
  for (let batch = plan.batch({ epoch: 0, step: 0 }); batch; batch = plan.batch(batch.next)) batches.push(batch);
  return batches;
}

/** What a step reads and draws, with ids in place of positions. */
const steps = (by: Recipe, ids: readonly string[]) =>
  everyBatch(by, ids).map(({ indices, noise, augmentation, ...rest }) => ({
    ...rest,
    ids: Array.from(indices, (position) => ids[position]),
    draws: [noise.uniform(), augmentation.split("x").uniform()],
  }));

describe("a shuffled run", () => {
  it("reads everything once an epoch, in another order each time, and is no block's", () => {
    const batches = everyBatch(shuffled, named(10));
    const epochs = [0, 1, 2].map((epoch) => batches.filter((batch) => batch.epoch === epoch).flatMap(({ indices }) => [...indices]));
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(new Set(epochs.map(String)).size).toBe(3);
    expect(batches.map(({ ends }) => ends)).toEqual([[], [], ["epoch"], [], [], ["epoch"], [], [], ["epoch", "run"]]);
    expect(batches.map(({ taken }) => taken)).toEqual([...Array(9).keys()]);
    expect(batches.map(({ time }) => time)).toEqual([0, 1, 2].flatMap((epoch) => [epoch, epoch + 1 / 3, epoch + 2 / 3]));
    expect(new Set(batches.map(({ block }) => block))).toEqual(new Set([undefined]));
  });
});

describe("a run by blocks", () => {
  it("trains one block after another, each for all epochs, with the samples that belong to it", () => {
    const ids = named(60);
    const seen = Array.from({ length: 6 }, () => Array.from({ length: 3 }, () => [] as string[]));
    for (const { block, epoch, ids: read } of steps(recipe, ids)) seen[block!][epoch - 3 * block!].push(...read);
    seen.forEach((epochs, block) => {
      const members = ids.filter((id) => blockOf(recipe, id) === block).toSorted();
      for (const epoch of epochs) expect(epoch.toSorted()).toEqual(members);
      expect(new Set(epochs.map(String)).size).toBe(3);
    });
    const order = everyBatch(recipe, ids).map(({ block }) => block!);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("spreads samples evenly over the blocks", () => {
    for (const seed of [1, "two", 3]) {
      const counts = new Float64Array(20);
      for (const id of named(20_000)) counts[blockOf({ seed, order: { kind: "blocks", blocks: 20 } }, id)] += 1;
      // 99.99th percentile of chi-square with 19 degrees of freedom.
      expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(50.8);
    }
  });

  it("changes in the block of a removed sample alone, and by that sample's absence alone", () => {
    const ids = named(60);
    const gone = ids.find((id) => blockOf(recipe, id) === 2);
    const before = steps(recipe, ids);
    const after = steps(
      recipe,
      ids.filter((id) => id !== gone),
    );
    const others = (all: typeof before) => all.filter(({ block }) => block !== 2).map((step) => ({ ...step, taken: 0 }));
    expect(others(after)).toEqual(others(before));
    const ofBlock = (all: typeof before) => all.filter(({ block }) => block === 2).flatMap(({ epoch, ids: read }) => read.map((id) => [epoch, id]));
    expect(ofBlock(after)).toEqual(ofBlock(before).filter(([, id]) => id !== gone));
  });

  it("does not depend on the order of the data", () => {
    const ids = named(40);
    expect(steps(recipe, ids.toReversed())).toEqual(steps(recipe, ids));
  });

  it("measures the schedule's time by blocks, not by samples", () => {
    for (const { time, epoch, step, block } of everyBatch(recipe, named(60))) {
      expect(time).toBeGreaterThanOrEqual(block! / 2);
      expect(time).toBeLessThan((block! + 1) / 2);
      if (step === 0) expect(time).toBeCloseTo(epoch / 6, 12);
    }
  });

  it("passes over empty blocks, and says where blocks and the run end", () => {
    const all = named(60);
    const ids = [1, 3].map((block) => all.find((id) => blockOf(recipe, id) === block)!);
    const batches = everyBatch(recipe, ids);
    expect(batches.map(({ block }) => block)).toEqual([1, 1, 1, 3, 3, 3]);
    expect(batches.map(({ taken }) => taken)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(batches.map(({ ends }) => ends)).toEqual([["epoch"], ["epoch"], ["epoch", "block"], ["epoch"], ["epoch"], ["epoch", "block", "run"]]);
    expect(batches.map(({ next }) => next.epoch)).toEqual([4, 5, 6, 10, 11, 12]);
    expect(everyBatch({ ...recipe, epochs: 0 }, all)).toEqual([]);
  });

  it("counts what was read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), (size, blocks, epochs) => {
        const by: Recipe = { ...recipe, epochs, order: { kind: "blocks", blocks } };
        const plan = new BatchPlan(by, { ids: named(size) });
        let read = 0;
        everyBatch(by, named(size)).forEach((batch, taken) => {
          expect(batch.taken).toBe(taken);
          expect(plan.samplesBefore(batch)).toBe(read);
          read += batch.indices.length;
          expect(plan.samplesBefore(batch.next)).toBe(read);
        });
        expect(read).toBe(size * epochs);
        expect(plan.samples).toBe(read);
      }),
      { numRuns: 40 },
    );
  });
});
