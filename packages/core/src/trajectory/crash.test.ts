import { describe, expect, it } from "vitest";
import { crashingStorage } from "./fixtures/crashing-storage.ts";
import { appendAll, bitsOf, ids, provenanceOf, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage, type TrajectoryStorage } from "./storage.ts";
import type { Trajectory } from "./trajectory.ts";

const moments = ["before", "after"] as const;
const old = walk(12);
const retrained = [...old.slice(0, 4), ...walk(9, "retrained").slice(4)];

/** Which of two runs the kept snapshots are from, and that they are all from that one. */
async function runOf(trajectory: Trajectory, runs: Readonly<Record<string, readonly unknown[]>>): Promise<string> {
  const held = await Promise.all(trajectory.entries.map(async ({ index }) => [index, bitsOf(await trajectory.read(index))] as const));
  const [name] = Object.entries(runs).find(([, run]) => run.length === trajectory.length && held.every(([i, bits]) => same(bits, run[i]))) ?? [
    "mixture",
  ];
  return name;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What opening makes of a storage in which the power failed at each change in turn, until one is too late. */
async function crashEverywhere(
  prepare: (storage: TrajectoryStorage) => Promise<unknown>,
  work: (trajectory: Trajectory) => Promise<unknown>,
  look: (opened: Trajectory, storage: TrajectoryStorage, changes: number) => Promise<void>,
): Promise<number> {
  let changes = 0;
  for (const moment of moments) {
    for (let change = 1; ; change++) {
      const storage = memoryStorage();
      await prepare(storage);
      const crashing = crashingStorage(storage, change, moment);
      const trajectory = await openTrajectory(crashing.storage);
      await work(trajectory).catch((error: Error) => expect(error.message).toBe("power failure"));
      await look(await openTrajectory(storage), storage, change);
      // Opening has left nothing to do.
      expect((await openTrajectory(storage)).recovered).toEqual([]);
      if (!crashing.state.crashed) break;
      changes += 1;
    }
  }
  return changes;
}

/** Bytes of the files of all snapshots that are there, whether they count or not. */
async function bytesIn(storage: TrajectoryStorage): Promise<number> {
  const names = (await storage.names()).filter((name) => name.startsWith("snapshot"));
  return (await Promise.all(names.map((name) => storage.read(name)))).reduce((sum, { length }) => sum + length, 0);
}

describe.each([
  { form: "one file to a snapshot", bytesPerFile: 2 ** 30 },
  { form: "several files to a snapshot", bytesPerFile: 250 },
])("a trajectory of $form whose program is killed", ({ bytesPerFile }) => {
  const isWhole = bytesPerFile > 250;
  const options = { ids, keyFrameEvery: 3, bytesPerFile };
  const record = async (storage: TrajectoryStorage) => appendAll(await createTrajectory(storage, options), old);

  it("while it appends holds what was appended, and goes on", async () => {
    const start = (storage: TrajectoryStorage) => createTrajectory(storage, options);
    const crashes = await crashEverywhere(
      start,
      (trajectory) => appendAll(trajectory, old),
      async (opened, storage) => {
        // A part whose first file was not written is no snapshot.
        if (isWhole) expect(opened.recovered).toEqual([]);
        expect(await bytesIn(storage)).toBe(opened.bytes);
        expect(await runOf(opened, { old: old.slice(0, opened.length).map(bitsOf) })).toBe("old");
        await appendAll(opened, old);
        expect(await runOf(await openTrajectory(storage), { old: old.map(bitsOf) })).toBe("old");
      },
    );
    if (isWhole) expect(crashes).toBe(24);
    else expect(crashes).toBeGreaterThan(40);
  });

  it("while it thins under a budget holds every multiple and the last, with all provenance", async () => {
    const storage = memoryStorage();
    await record(storage);
    const budget = { bytes: 0.45 * (await openTrajectory(storage)).bytes };
    const crashes = await crashEverywhere(
      (each) => createTrajectory(each, { ...options, budget }),
      (trajectory) => appendAll(trajectory, old),
      async (opened, each) => {
        const { length } = opened;
        expect(await runOf(opened, { old: old.slice(0, length).map(bitsOf) })).toBe("old");
        const kept = opened.entries.map(({ index }) => index);
        for (let index = 0; index < length; index += 4) expect(kept).toContain(index);
        const read = await Promise.all(kept.map((index) => opened.samples(index)));
        expect(read.flatMap((positions) => [...positions])).toEqual(Array.from({ length: Math.max(0, length - 1) }, (_, i) => i));
        await appendAll(opened, old);
        expect(await runOf(await openTrajectory(each), { old: old.map(bitsOf) })).toBe("old");
      },
    );
    expect(crashes).toBeGreaterThan(50);
  });

  it("while it forgets holds all of the old or all of the new, and nothing of the other", async () => {
    const seen = new Set<string>();
    const replacement = () => retrained.slice(4).map((snapshot, i) => ({ snapshot, provenance: { positions: [18], block: 4 + i } }));
    const recovered = new Set<number>();
    const crashes = await crashEverywhere(
      (storage) => record(storage),
      (trajectory) => trajectory.forget(["sample-3"], replacement()),
      async (opened, storage) => {
        const run = await runOf(opened, { old: old.map(bitsOf), retrained: retrained.map(bitsOf) });
        seen.add(run);
        recovered.add(opened.recovered.length);
        expect(await bytesIn(storage)).toBe(opened.bytes);
        expect(opened.ids.includes("sample-3")).toBe(run === "old");
        expect(await opened.firstTouched(["sample-18"])).toBe(run === "old" ? undefined : 4);
        if (run === "old") await opened.forget(["sample-3"], replacement());
        expect(await runOf(await openTrajectory(storage), { retrained: retrained.map(bitsOf) })).toBe("retrained");
      },
    );
    expect(seen).toEqual(new Set(["old", "retrained"]));
    // 5 new files, 1 head, 8 old files; each at two moments.
    if (isWhole) expect(crashes).toBe(28);
    else expect(crashes).toBeGreaterThan(40);
    if (isWhole) expect(recovered).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it("while it truncates holds all or the rest", async () => {
    const seen = new Set<string>();
    await crashEverywhere(
      (storage) => record(storage),
      (trajectory) => trajectory.truncate(7),
      async (opened, storage) => {
        const run = await runOf(opened, { old: old.map(bitsOf), rest: old.slice(0, 7).map(bitsOf) });
        seen.add(run);
        await appendAll(opened, old);
        expect(await runOf(await openTrajectory(storage), { old: old.map(bitsOf) })).toBe("old");
      },
    );
    expect(seen).toEqual(new Set(["old", "rest"]));
  });

  it("while it opens after a kill is opened by the next", async () => {
    const prepare = async (storage: TrajectoryStorage) => {
      await record(storage);
      const remove = () => Promise.reject(new Error("power failure"));
      const trajectory = await openTrajectory({ ...storage, remove });
      const replacement = retrained.slice(4).map((snapshot) => ({ snapshot, provenance: provenanceOf(0) }));
      expect((await trajectory.forget(["sample-3"], replacement)).destroyed).toEqual([]);
    };
    for (const moment of moments) {
      for (let change = 1; ; change++) {
        const storage = memoryStorage();
        await prepare(storage);
        const crashing = crashingStorage(storage, change, moment);
        await openTrajectory(crashing.storage);
        const opened = await openTrajectory(storage);
        expect(await runOf(opened, { old: old.map(bitsOf), retrained: retrained.map(bitsOf) })).toBe("retrained");
        expect(await bytesIn(storage)).toBe(opened.bytes);
        if (!crashing.state.crashed) break;
      }
    }
  });
});
