import { describe, expect, it } from "vitest";
import { difference, scalar, toyCourse, toyStretch, valueOf } from "./fixtures/toy.ts";
import { residualMemory } from "./residual.ts";
import { retrace, type RetracedBlock, type Stretch } from "./retrace.ts";
import { stitch } from "./stitch.ts";
import type { StoppingRule } from "./stopping.ts";

const never: StoppingRule = { threshold: 0, scale: "absolute", trend: "all", minimumPoints: 3, consecutive: 1 };
const always: StoppingRule = { ...never, threshold: 1e9 };

async function all(stretch: Stretch, rule: StoppingRule): Promise<RetracedBlock[]> {
  const blocks: RetracedBlock[] = [];
  for await (const block of retrace(stretch, rule)) blocks.push(block);
  return blocks;
}

const original = toyCourse();
const exact = toyCourse([3]);

describe("the toy without block 3", () => {
  it("has the golden courses", () => {
    expect(original).toEqual([0, 4, 0, 8, 4, 8, 0, 2, 11]);
    expect(exact).toEqual([0, 4, 0, 0, 0, 6, -1, 1.5, 10.75]);
  });

  it("O1, O3: without a threshold is retrained to the end, which stitching leaves as it is", async () => {
    const blocks = await all(toyStretch([3]), never);
    expect(blocks.map(({ residual }) => residual)).toEqual([8, 4, 2, 1, 0.5, 0.25]);
    expect(blocks.map(({ parameters }) => valueOf(parameters))).toEqual(exact.slice(3));
    expect(blocks.map(({ isLast, isStopped }) => [isLast, isStopped])).toEqual([...Array(5).fill([false, false]), [true, false]]);
    expect(valueOf(stitch(blocks.at(-1)!.parameters, scalar(11), scalar(11)))).toBe(10.75);
  });

  it("O4: stitched after t more blocks misses the exact model by what the residuals still hold, to the bit", async () => {
    const blocks = await all(toyStretch([3]), never);
    const stitched = blocks.map(({ parameters }, t) => valueOf(stitch(parameters, scalar(11), scalar(original[3 + t]))));
    expect(stitched).toEqual([3, 7, 9, 10, 10.5, 10.75]);
    const tails = blocks.map((_, t) => blocks.slice(t + 1).reduce((sum, { residual }) => sum + residual, 0));
    expect(stitched.map((value) => Math.abs(value - 10.75))).toEqual(tails);
  });

  it("stops with enough residuals, and not before", async () => {
    expect(await all(toyStretch([3]), always)).toHaveLength(3);
    expect(await all(toyStretch([3]), { ...always, minimumPoints: 5 })).toHaveLength(5);
    expect((await all(toyStretch([3]), always)).at(-1)).toMatchObject({ isLast: true, isStopped: true });
  });

  it("O7: from the first block begins at the start, and of the last block fits nothing", async () => {
    const first = await all(toyStretch([1]), never);
    expect(first).toHaveLength(8);
    expect(valueOf(first.at(-1)!.parameters)).toBe(toyCourse([1])[8]);
    const [last, ...others] = await all(toyStretch([8]), always);
    expect(others).toEqual([]);
    expect(last).toMatchObject({ isLast: true, isStopped: false, trend: { slope: undefined } });
    expect(valueOf(last.parameters)).toBe(2);
  });

  it("O10: does not stop before the last affected block, in whatever order they are named", async () => {
    for (const removed of [
      [2, 7],
      [7, 2],
    ]) {
      const blocks = await all(toyStretch(removed), always);
      expect(blocks).toHaveLength(6);
      expect(valueOf(blocks.at(-1)!.parameters)).toBe(toyCourse([2, 7])[7]);
    }
  });

  it("O2: without anything removed has no residual at all", async () => {
    const course = toyCourse();
    let k = 2;
    const nothing = { ...toyStretch([3]), retrain: async () => scalar(course[++k]) };
    const blocks = await all(nothing, never);
    expect(blocks.map(({ residual }) => residual)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(valueOf(stitch(blocks[2].parameters, scalar(11), scalar(course[5])))).toBe(11);
  });
});

describe("the residual", () => {
  it("O5: is of updates: models that stay apart by a constant leave none", async () => {
    expect(await residualMemory(difference(8, 4), scalar(8 + 5), scalar(4 + 5))).toBe(0);
    expect(await residualMemory(difference(0, 8), scalar(0), scalar(8 + 5))).toBe(5);
  });
});
