import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { expectHolds, indicesOf, recorded } from "./fixtures/recorded.ts";
import { appendAll, ids, provenanceOf, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage } from "./storage.ts";

describe("a budget", () => {
  it("keeps the multiples of a power of two and the last, within the budget, and what it keeps to the bit", async () => {
    const { bytes } = (await recorded(40)).trajectory;
    const { storage, trajectory } = await recorded(0, { budget: { bytes: bytes / 3 } });
    const strides = new Set<number>();
    for (const snapshot of walk(40)) {
      await trajectory.append(snapshot, provenanceOf(trajectory.length));
      expect(trajectory.bytes).toBeLessThanOrEqual(bytes / 3);
      const kept = indicesOf(trajectory);
      expect([kept[0], kept.at(-1)]).toEqual([0, trajectory.length - 1]);
      const stride = kept[1] ?? 1;
      if (kept.length > 2) {
        strides.add(stride);
        expect(kept.slice(0, -1)).toEqual(kept.slice(0, -1).map((_, i) => i * stride));
      }
    }
    expect([...strides]).toEqual([1, 2, 4]);
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.entries).toEqual(trajectory.entries);
    await expectHolds(opened, walk(40));
    await appendAll(opened, walk(50));
    expect(opened.bytes).toBeLessThanOrEqual(bytes / 3);
    await expectHolds(opened, walk(50));
    // What the storage holds is what is counted.
    const files = (await storage.names()).filter((name) => name.startsWith("snapshot"));
    const sizes = await Promise.all(files.map(async (name) => (await storage.read(name)).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(opened.bytes);
  });

  it("says where to train on from to have a snapshot that was given up", async () => {
    const { bytes } = (await recorded(16)).trajectory;
    const { trajectory } = await recorded(16, { budget: { bytes: bytes / 2 } });
    expect(indicesOf(trajectory)).toEqual([0, 4, 8, 12, 15]);
    expect(trajectory.nearest(7).index).toBe(4);
    expect(trajectory.nearest(8).index).toBe(8);
    await expect(trajectory.read(7)).rejects.toMatchObject({ code: "trajectory/not-kept", details: { index: 7, nearest: 4 } });
    expect(() => trajectory.nearest(16)).toThrow(expect.objectContaining({ code: "trajectory/no-such-snapshot" }));
  });

  it("loses no provenance: what shaped the gap, shaped what follows it", async () => {
    const { trajectory } = await recorded(16, { budget: { bytes: (await recorded(16)).trajectory.bytes / 2 } });
    expect([...(await trajectory.samples(8))]).toEqual([4, 5, 6, 7]);
    expect([...(await trajectory.samples(15))]).toEqual([12, 13, 14]);
    expect(trajectory.entries[2]).toMatchObject({ index: 8, since: 4 });
    // Sample 6 acts in snapshot 7 first, which is not kept: 5 is the first that is not certain to be free of it.
    expect(await trajectory.firstTouched(["sample-6"])).toBe(5);
    expect(trajectory.nearest(4).index).toBe(4);
  });

  it("of less than a snapshot keeps the first and the last", async () => {
    const { storage, trajectory } = await recorded(20, { budget: { bytes: 1 } });
    expect(indicesOf(trajectory)).toEqual([0, 19]);
    expect(await storage.names()).toHaveLength(3);
  });
});

describe("keepEvery", () => {
  it("keeps its multiples and the last, and loses no provenance", async () => {
    const { storage, trajectory } = await recorded(12, { keepEvery: 5 });
    expect(indicesOf(trajectory)).toEqual([0, 5, 10, 11]);
    expect([...(await trajectory.samples(10))]).toEqual([5, 6, 7, 8, 9]);
    expect(await storage.names()).toHaveLength(5);
    const opened = await openTrajectory(storage);
    await appendAll(opened, walk(16));
    expect(indicesOf(opened)).toEqual([0, 5, 10, 15]);
    await expectHolds(opened, walk(16));
    for (const keepEvery of [0, 1.5]) {
      expect(await rejectionCode(createTrajectory(memoryStorage(), { ids, keepEvery }))).toBe("trajectory/bad-option");
    }
  });

  it("is what a budget doubles", async () => {
    const { bytes } = (await recorded(25, { keepEvery: 3 })).trajectory;
    const { trajectory } = await recorded(25, { keepEvery: 3, budget: { bytes: 0.7 * bytes } });
    expect(indicesOf(trajectory)).toEqual([0, 6, 12, 18, 24]);
  });

  it("lets a replacement leave out what would not be kept", async () => {
    const { storage, trajectory } = await recorded(12, { keepEvery: 4 });
    const [seventh, ninth, last] = [7, 8, 11].map((index) => walk(12, "retrained")[index]);
    const provenance = { positions: [17] };
    const replaced = [
      { snapshot: seventh, provenance, index: 7 },
      { snapshot: ninth, provenance, index: 8 },
      { snapshot: last, provenance, index: 11 },
    ];
    expect((await trajectory.forget(["sample-6"], replaced)).published).toEqual([8, 11]);
    const opened = await openTrajectory(storage);
    expect(indicesOf(opened)).toEqual([0, 4, 8, 11]);
    await expectHolds(opened, [...walk(5), ...walk(12, "retrained").slice(5)]);
    const backwards = [...replaced, { snapshot: ninth, provenance, index: 11 }];
    expect(
      await rejectionCode(
        opened.forget(
          ["sample-17"],
          backwards.map((each) => ({ ...each, provenance: { positions: [] } })),
        ),
      ),
    ).toBe("trajectory/bad-index");
  });
});
