import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { appendAll, bitsOf, ids, provenanceOf, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage, type TrajectoryStorage } from "./storage.ts";
import type { Trajectory } from "./trajectory.ts";

/** A storage that keeps the files whose name it is told. */
function stuckStorage(isStuck: (name: string) => boolean): { readonly storage: TrajectoryStorage; readonly whole: TrajectoryStorage } {
  const whole = memoryStorage();
  const remove = async (name: string) => {
    if (isStuck(name)) throw new Error("The file is in use.");
    await whole.remove(name);
  };
  return { whole, storage: { ...whole, remove } };
}

const retrained = walk(10, "retrained").slice(4);
const replacement = retrained.map((snapshot) => ({ snapshot, provenance: { positions: [17] } }));
const options = { ids, keyFrameEvery: 3 };
const fileOf = (generation: number, index: number) => `snapshot-${generation}-00000${index}.safetensors`;

async function expectHolds(trajectory: Trajectory, snapshots: readonly unknown[]): Promise<void> {
  expect(trajectory.length).toBe(snapshots.length);
  for (const { index } of trajectory.entries) expect(bitsOf(await trajectory.read(index))).toEqual(snapshots[index]);
}

const forgotten = [...walk(4), ...retrained].map(bitsOf);

describe("files that cannot be removed", () => {
  it("are reported by a deletion that happens all the same, and removed by the next deletion that can", async () => {
    let isStuck = true;
    const { storage } = stuckStorage((name) => isStuck && [fileOf(0, 5), fileOf(0, 8)].includes(name));
    const trajectory = await createTrajectory(storage, options);
    await appendAll(trajectory, walk(9));
    const report = await trajectory.forget(["sample-3"], replacement);
    expect(report.destroyed.map(({ index }) => index)).toEqual([4, 6, 7]);
    expect(report.undestroyed).toEqual([5, 8].map((index) => ({ index, file: fileOf(0, index), reason: "The file is in use." })));
    expect(trajectory.undestroyed).toEqual(report.undestroyed);
    await expectHolds(trajectory, forgotten);
    isStuck = false;
    const next = await trajectory.forget(["sample-19"], []);
    expect(next.destroyed.map(({ file }) => file)).toEqual([fileOf(0, 5), fileOf(0, 8)]);
    expect(trajectory.undestroyed).toEqual([]);
  });

  it("are tried again by opening, which opens in any case and tells", async () => {
    let isStuck = true;
    const { storage, whole } = stuckStorage((name) => isStuck && name === fileOf(0, 6));
    await appendAll(await createTrajectory(storage, options), walk(9));
    await (await openTrajectory(storage)).forget(["sample-3"], replacement);
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.undestroyed.map(({ file }) => file)).toEqual([fileOf(0, 6)]);
    await expectHolds(opened, forgotten);
    isStuck = false;
    expect((await openTrajectory(storage)).recovered).toEqual([{ index: 6, file: fileOf(0, 6) }]);
    expect(await whole.names()).toHaveLength(11);
  });

  it("of a deletion that failed do not pass for those of the next", async () => {
    const { storage } = stuckStorage((name) => name.startsWith("snapshot-1"));
    await appendAll(await createTrajectory(storage, options), walk(9));
    const failing = function* () {
      yield* replacement;
      throw new Error("training failed");
    };
    await expect((await openTrajectory(storage)).forget(["sample-3"], failing())).rejects.toThrow("training failed");
    const opened = await openTrajectory(storage);
    await expectHolds(opened, walk(9).map(bitsOf));
    expect(opened.undestroyed.map(({ index }) => index)).toEqual([9, 8, 7, 6, 5, 4]);
    await opened.forget(["sample-3"], replacement.slice(0, 2));
    await expectHolds(await openTrajectory(storage), forgotten.slice(0, 6));
  });

  it("of damaged snapshots that are dropped count no more, whatever follows them", async () => {
    const { storage, whole } = stuckStorage((name) => name === fileOf(0, 3) || name === fileOf(0, 6));
    await appendAll(await createTrajectory(storage, options), walk(7));
    await whole.write(fileOf(0, 3), new Uint8Array(200));
    expect(await rejectionCode(openTrajectory(storage))).toBe("trajectory/damaged");
    const dropped = await openTrajectory(storage, { damaged: "drop" });
    expect(dropped.recovered.map(({ index }) => index)).toEqual([5, 4]);
    await appendAll(dropped, walk(5));
    await expectHolds(await openTrajectory(storage), walk(5).map(bitsOf));
  });

  it("do not stop the recording of a trajectory that gives snapshots up", async () => {
    const { storage } = stuckStorage((name) => name === fileOf(0, 1));
    const trajectory = await createTrajectory(storage, { ...options, keepEvery: 2 });
    await appendAll(trajectory, walk(7));
    expect(trajectory.undestroyed.map(({ index }) => index)).toEqual([1]);
    expect((await openTrajectory(storage)).entries).toEqual(trajectory.entries);
  });
});

describe("a write that fails", () => {
  it("while the deletion is made leaves it open which it is, until the trajectory is opened again", async () => {
    for (const isWritten of [false, true]) {
      const whole = memoryStorage();
      await appendAll(await createTrajectory(whole, options), walk(9));
      const write = async (name: string, bytes: Uint8Array) => {
        const fails = name === "trajectory.safetensors";
        if (!fails || isWritten) await whole.write(name, bytes);
        if (fails) throw new Error("not confirmed");
      };
      const trajectory = await openTrajectory({ ...whole, write });
      await expect(trajectory.forget(["sample-3"], replacement)).rejects.toThrow("not confirmed");
      for (const change of [() => trajectory.append(walk(1)[0], provenanceOf(0)), () => trajectory.forget([], []), () => trajectory.truncate(1)]) {
        expect(await rejectionCode(change())).toBe("trajectory/uncertain");
      }
      expect(await rejectionCode(trajectory.read(5))).toBe("trajectory/uncertain");
      await expectHolds(await openTrajectory(whole), isWritten ? forgotten : walk(9).map(bitsOf));
    }
  });

  it("for the budget after a deletion does not undo it", async () => {
    const whole = memoryStorage();
    await appendAll(await createTrajectory(whole, options), walk(12));
    const { bytes } = await openTrajectory(whole);
    const tight = memoryStorage();
    await appendAll(await createTrajectory(tight, { ...options, budget: { bytes: bytes + 40 } }), walk(12));
    let isDeleted = false;
    const write = async (name: string, content: Uint8Array) => {
      if (isDeleted) throw new Error("no room");
      await tight.write(name, content);
      isDeleted = name === "trajectory.safetensors";
    };
    const trajectory = await openTrajectory({ ...tight, write });
    const more = walk(14, "retrained")
      .slice(4)
      .map((snapshot) => ({ snapshot, provenance: { positions: [17] } }));
    const report = await trajectory.forget(["sample-3"], more);
    expect(report.destroyed).toHaveLength(8);
    await expectHolds(await openTrajectory(tight), [...walk(4), ...walk(14, "retrained").slice(4)].map(bitsOf));
  });
});
