import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { BatchPlan, type PlannedBatch } from "./batch-plan.ts";
import { validateRecipe, type Recipe, type ShardOrderOptions } from "./recipe.ts";
import { probabilityBoundaries, shardPlaces, type SampleFacts } from "./shard-assignment.ts";
import { stageEpochs } from "./shard-stages.ts";
import { shardStart, shardWeights } from "./shards.ts";

const shuffled: Recipe = { seed: 5, epochs: 6, batchSize: 4, optimiser: { kind: "sgd" }, schedule: { kind: "constant", rate: 0.1 } };
const recipe = { ...shuffled, order: { kind: "shards", shards: 3, slices: 2 } } as const;
const named = (count: number): SampleFacts => ({ ids: Array.from({ length: count }, (_, i) => `id-${i}`) });
const placesOf = (facts: SampleFacts, order: ShardOrderOptions = recipe.order) => shardPlaces({ seed: 5, order }, facts);

function everyBatch(by: Recipe, facts: SampleFacts, shard?: number): PlannedBatch[] {
  const plan = new BatchPlan(by, facts, shard);
  const batches: PlannedBatch[] = [];
  for (let batch = plan.batch({ epoch: 0, step: 0 }); batch; batch = plan.batch(batch.next)) batches.push(batch);
  return batches;
}

/** What a step reads and draws, with ids in place of positions. */
const steps = (by: Recipe, facts: SampleFacts, shard?: number) =>
  everyBatch(by, facts, shard).map(({ indices, noise, augmentation, ...rest }) => ({
    ...rest,
    ids: Array.from(indices, (position) => facts.ids[position]),
    draws: [noise.uniform(), augmentation.split("x").uniform()],
  }));

describe("stages", () => {
  it.each([
    [3, [10, 10, 10]],
    [4, [8, 8, 8, 8]],
    [5, [6, 7, 7, 6, 7]],
    [1, [20]],
  ])("of %i slices have the epochs of the published code", (slices, expected) => {
    expect(stageEpochs(20, slices)).toEqual(expected);
  });

  it("are together the work of all epochs over the shard, give or take less than one", () => {
    for (let slices = 1; slices <= 12; slices++) {
      for (let epochs = Math.ceil((slices + 1) / 2); epochs < 40; epochs++) {
        const work = stageEpochs(epochs, slices).reduce((sum, count, stage) => sum + (count * (stage + 1)) / slices, 0);
        expect(Math.abs(work - epochs)).toBeLessThan(1);
      }
    }
  });
});

describe("the assignment by hash", () => {
  it("is even over shards and slices", () => {
    const counts = new Float64Array(20);
    for (const { shard, slice } of placesOf(named(20_000), { kind: "shards", shards: 5, slices: 4 })) counts[4 * shard + slice] += 1;
    // 99.99th percentile of chi-square with 19 degrees of freedom.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(50.8);
  });

  it("is by the order's own seed where it has one", () => {
    const by = (seed: number, own?: number) =>
      shardPlaces({ seed, order: { ...recipe.order, ...(own === undefined ? {} : { seed: own }) } }, named(40));
    expect(by(1)).not.toEqual(by(2));
    expect(by(1, 7)).toEqual(by(2, 7));
    expect(by(1, 7)).toEqual(by(7));
  });

  it("does not depend on which other samples there are", () => {
    const { ids } = named(40);
    const places = placesOf({ ids });
    const odd = ids.filter((_, i) => i % 2 === 1).toReversed();
    expect(placesOf({ ids: odd })).toEqual(odd.map((id) => places[ids.indexOf(id)]));
  });
});

describe("the assignment by probability", () => {
  const random = createRandom("probabilities");
  const p = Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 0.5 + 0.5 * random.uniform() : 0.01));
  const facts = { ...named(400), columns: { p } };
  const boundaries = probabilityBoundaries({ seed: 5, data: facts, column: "p", shards: 4 });
  const order: ShardOrderOptions = { kind: "shards", shards: 4, assignment: { kind: "by-probability", column: "p", boundaries } };

  it("gives every shard the same expected number of deletions, in ascending order", () => {
    const shards = placesOf(facts, order).map(({ shard }) => shard);
    const total = p.reduce((sum, each) => sum + each, 0);
    for (let shard = 0; shard < 4; shard++) {
      const sum = p.reduce((all, each, i) => all + (shards[i] === shard ? each : 0), 0);
      expect(Math.abs(sum - total / 4)).toBeLessThan(1);
    }
    const most = (shard: number) => Math.max(...p.filter((_, i) => shards[i] === shard));
    const least = (shard: number) => Math.min(...p.filter((_, i) => shards[i] === shard));
    for (let shard = 0; shard < 3; shard++) expect(most(shard)).toBeLessThanOrEqual(least(shard + 1));
  });

  it("leaves the rest in place when samples are deleted", () => {
    const places = placesOf(facts, order);
    const left = [...p.keys()].filter((i) => p[i] < 0.7);
    const reduced = { ids: left.map((i) => facts.ids[i]), columns: { p: left.map((i) => p[i]) } };
    expect(placesOf(reduced, order)).toEqual(left.map((i) => places[i]));
  });

  it("splits samples of one probability by hash, and leaves no shard empty", () => {
    const equal = { ...named(100), columns: { p: Array(100).fill(0) as number[] } };
    const cut = probabilityBoundaries({ seed: 5, data: equal, column: "p", shards: 4 });
    const alone = { ...named(4), columns: { p: [0, 0, 0, 1] } };
    for (const [data, by] of [
      [equal, cut],
      [alone, probabilityBoundaries({ seed: 5, data: alone, column: "p", shards: 4 })],
    ] as const) {
      const assignment = { kind: "by-probability", column: "p", boundaries: by } as const;
      const found = placesOf(data, { kind: "shards", shards: 4, assignment });
      expect(new Set(found.map(({ shard }) => shard)).size).toBe(4);
    }
  });

  it("needs a probability of every sample, and as many samples as shards", () => {
    const missing = { ...named(2), columns: { p: [0.1, null] } };
    for (const data of [missing, named(2)]) {
      expect(() => probabilityBoundaries({ seed: 5, data, column: "p", shards: 2 })).toThrow(
        expect.objectContaining({ code: "train/no-probability" }),
      );
      expect(() => placesOf(data, order)).toThrow(/no number, 0 or more, in the column p/);
    }
    expect(() => probabilityBoundaries({ seed: 5, data: missing, column: "p", shards: 3 })).toThrow(
      expect.objectContaining({ code: "train/too-few-samples" }),
    );
  });
});

describe("a run by shards", () => {
  const facts = named(60);
  const places = placesOf(facts);
  const inStage = (shard: number, stage: number) => facts.ids.filter((_, i) => places[i].shard === shard && places[i].slice <= stage).toSorted();

  it("trains shard after shard, stage after stage, on the slices so far", () => {
    const all = steps(recipe, facts);
    expect(stageEpochs(6, 2)).toEqual([4, 4]);
    for (let epoch = 0; epoch < 24; epoch++) {
      const own = all.filter((step) => step.epoch === epoch);
      const [shard, stage] = [Math.floor(epoch / 8), Math.floor(epoch / 4) % 2];
      expect(own.flatMap(({ ids }) => ids).toSorted()).toEqual(inStage(shard, stage));
      expect(new Set(own.map((step) => `${step.shard} ${step.stage}`))).toEqual(new Set([`${shard} ${stage}`]));
      const ends =
        epoch === 23
          ? ["epoch", "stage", "shard", "run"]
          : epoch % 8 === 7
            ? ["epoch", "stage", "shard"]
            : epoch % 4 === 3
              ? ["epoch", "stage"]
              : ["epoch"];
      expect(own.at(-1)!.ends).toEqual(ends);
    }
    expect(new Set(all.map(({ draws }) => draws[0])).size).toBe(all.length);
    expect([0, 1, 3].map((shard) => shardStart(recipe, shard).epoch)).toEqual([0, 8, 24]);
  });

  it("counts an optimiser's updates from the beginning of each shard", () => {
    const all = steps(recipe, facts);
    for (let shard = 0; shard < 3; shard++) {
      const own = all.filter((step) => step.shard === shard);
      expect(own.map(({ updates }) => updates)).toEqual([...own.keys()]);
    }
    expect(all.map(({ taken }) => taken)).toEqual([...all.keys()]);
  });

  it("has the schedule's whole time in every shard, whatever the samples", () => {
    for (const [slices, epochs] of [
      [1, 3],
      [2, 6],
      [5, 20],
    ] as const) {
      const by: Recipe = { ...recipe, epochs, order: { ...recipe.order, slices } };
      for (const count of [60, 35]) {
        const own = everyBatch(by, named(count), 1).filter(({ step }) => step === 0);
        const times = own.map(({ time }) => time);
        expect(times[0]).toBe(0);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.at(-1)).toBeLessThan(epochs);
        expect(times.at(-1)).toBeGreaterThanOrEqual(epochs - 1.02);
        expect(times).toEqual(everyBatch(by, facts, 1).flatMap(({ step, time }) => (step === 0 ? [time] : [])));
      }
    }
  });

  it("changes, where a sample is gone, in its shard alone, and there from its slice on", () => {
    const gone = facts.ids.find((_, i) => places[i].shard === 1 && places[i].slice === 1);
    const before = steps(recipe, facts).map((step) => ({ ...step, taken: 0 }));
    const after = steps(recipe, { ids: facts.ids.filter((id) => id !== gone) }).map((step) => ({ ...step, taken: 0 }));
    const untouched = (all: typeof before) => all.filter(({ shard, stage }) => shard !== 1 || stage === 0);
    expect(untouched(after)).toEqual(untouched(before));
    expect(after).not.toEqual(before);
  });

  it("can be had shard by shard", () => {
    const strip = (all: ReturnType<typeof steps>) => all.map((step) => ({ ...step, taken: 0, ends: step.ends.filter((end) => end !== "run") }));
    const parts = [0, 1, 2].flatMap((shard) => strip(steps(recipe, facts, shard)));
    expect(parts).toEqual(strip(steps(recipe, facts)));
    expect(steps(recipe, facts, 1).at(-1)!.ends).toEqual(["epoch", "stage", "shard", "run"]);
  });

  it("of one shard and one slice is a shuffled run", () => {
    const one: Recipe = { ...shuffled, order: { kind: "shards", shards: 1 } };
    const bare = (all: ReturnType<typeof steps>) => all.map((step) => ({ ...step, shard: undefined, stage: undefined, ends: [] }));
    expect(bare(steps(one, facts))).toEqual(bare(steps(shuffled, facts)));
  });

  it("passes over what is empty", () => {
    const only = facts.ids.filter((_, i) => places[i].shard === 2 && places[i].slice === 1).slice(0, 1);
    const all = steps(recipe, { ids: only });
    expect(all.map(({ shard, stage }) => [shard, stage])).toEqual(Array(4).fill([2, 1]));
    expect(all.at(-1)!.ends).toEqual(["epoch", "stage", "shard", "run"]);
    expect([...shardWeights({ seed: 5, order: recipe.order }, { ids: only })]).toEqual([0, 0, 1]);
  });

  it("hears constituents alike, or by their samples", () => {
    expect([...shardWeights({ seed: 5, order: recipe.order }, facts)]).toEqual([1, 1, 1]);
    const sizes = [0, 1, 2].map((shard) => inStage(shard, 1).length);
    expect([...shardWeights({ seed: 5, order: { ...recipe.order, weighting: "size" } }, facts)]).toEqual(sizes);
  });
});

describe("a recipe by shards", () => {
  const validate = (order: object, epochs = 6) =>
    validateRecipe({ ...recipe, epochs, order: { kind: "shards", shards: 3, ...order } as ShardOrderOptions });

  it("says what is wrong with it", () => {
    validate({ slices: 5, weighting: "size", aggregation: "vote" }, 3);
    validate({ slices: 5 }, 0);
    const assignment = { kind: "by-probability", column: "p" };
    validate({
      assignment: {
        ...assignment,
        boundaries: [
          [0.1, 0.5],
          [0.1, 0.7],
        ],
      },
    });
    for (const [order, says] of [
      [{ shards: 0 }, /order\.shards is 0/],
      [{ slices: 1.5 }, /order\.slices is 1\.5/],
      [{ slices: 12 }, /6 epochs are too few for 12 slices.*give 7 epochs or more, or fewer slices/],
      [{ weighting: "equal" }, /order\.weighting/],
      [{ aggregation: "median" }, /order\.aggregation/],
      [{ blocks: 3 }, /no field order\.blocks/],
      [{ assignment: { kind: "by-hand" } }, /order\.assignment\.kind/],
      [{ assignment: { ...assignment, boundaries: [[0.1, 0.5]] } }, /2 ascending pairs/],
      [
        {
          assignment: {
            ...assignment,
            boundaries: [
              [0.2, 0],
              [0.1, 0],
            ],
          },
        },
        /2 ascending pairs/,
      ],
      [{ assignment: { ...assignment, boundaries: [0.1, 0.2] } }, /a list of pairs/],
    ] as const) {
      expect(() => validate(order)).toThrow(expect.objectContaining({ code: "recipe/invalid", message: expect.stringMatching(says) as string }));
    }
  });
});
