import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { hashTree, type HostTree } from "../tree/index.ts";
import { expectHolds, indicesOf, recorded, scalars } from "./fixtures/recorded.ts";
import { appendAll, ids, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage, type TrajectoryStorage } from "./storage.ts";

describe("a trajectory", () => {
  it("gives back every snapshot bit for bit, at once and after opening", async () => {
    const { storage, trajectory } = await recorded(11);
    await expectHolds(trajectory, walk(11));
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.entries).toEqual(trajectory.entries);
    expect(indicesOf(opened)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await expectHolds(opened, walk(11));
  });

  it("goes on after opening", async () => {
    const { storage } = await recorded(6);
    const opened = await openTrajectory(storage);
    await appendAll(opened, walk(13));
    await expectHolds(await openTrajectory(storage), walk(13));
  });

  it("stores each as differences with the one before, and every keyFrameEvery-th by itself", async () => {
    const { storage } = await recorded(9);
    const layouts = await Promise.all(
      Array.from({ length: 9 }, async (_, i) => new TextDecoder().decode(await storage.read(`snapshot-0-00000${i}.safetensors`)).includes("layout")),
    );
    expect(layouts).toEqual([true, false, false, false, true, false, false, false, true]);
  });

  it("keeps any bits, and tensors that come, go and change their shape", async () => {
    const bits = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 5 });
    const tree: fc.Arbitrary<HostTree> = fc.dictionary(
      fc.constantFrom("a/b", "c", "constructor"),
      fc.tuple(bits, fc.boolean()).map(([list, float]) => {
        const values = Int32Array.from(list);
        return { shape: [values.length], values: float ? new Float32Array(values.buffer) : values };
      }),
      { noNullPrototype: true },
    );
    const snapshot = fc.record({
      epoch: fc.nat(),
      step: fc.nat(),
      lossSum: fc.constant(0.1),
      key: fc.string(),
      parameters: tree,
      buffers: tree,
      slots: tree,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(snapshot, { minLength: 1, maxLength: 5 }), async (snapshots) => {
        const storage = memoryStorage();
        await appendAll(await createTrajectory(storage, { ids }), snapshots);
        await expectHolds(await openTrajectory(storage), snapshots);
      }),
      { numRuns: 60 },
    );
  });

  it("names each by its content, whatever it is stored as", async () => {
    const { trajectory } = await recorded(6);
    const { parameters, buffers, slots } = walk(6)[5];
    const prefixed = Object.entries({ parameters, buffers, slots }).flatMap(([group, tree]) =>
      Object.entries(tree).map(([name, tensor]) => [`${group}/${name}`, tensor] as const),
    );
    expect(trajectory.entries[5].content).toBe(await hashTree(Object.fromEntries(prefixed)));
    const other = await recorded(6, { keyFrameEvery: 1 });
    expect(other.trajectory.entries.map(({ content }) => content)).toEqual(trajectory.entries.map(({ content }) => content));
    expect(other.trajectory.bytes).toBeGreaterThan(trajectory.bytes);
  });

  it("knows which samples shaped which snapshot first", async () => {
    const { storage } = await recorded(8, { metadata: { recipe: "r" } });
    const trajectory = await openTrajectory(storage);
    expect(trajectory.metadata).toEqual({ recipe: "r" });
    expect([...(await trajectory.samples(0))]).toEqual([]);
    expect([...(await trajectory.samples(3))]).toEqual([2]);
    expect(trajectory.entries[3]).toMatchObject({ index: 3, since: 2, epoch: 0, step: 3, block: 3 });
    expect(await trajectory.firstTouched(["sample-4", "sample-2", "sample-19"])).toBe(3);
    expect(await trajectory.firstTouched(["sample-19"])).toBeUndefined();
    expect(await trajectory.firstTouched([])).toBeUndefined();
  });

  it("gives the updates of a snapshot tensor by tensor", async () => {
    const { trajectory } = await recorded(7);
    const [before, after] = walk(7).slice(5);
    const names: string[] = [];
    for await (const difference of trajectory.differences(6)) {
      names.push(difference.name);
      if (difference.name === "parameters/dense/kernel") {
        expect(difference.before).toEqual(before.parameters["dense/kernel"].values);
        expect(difference.after).toEqual(after.parameters["dense/kernel"].values);
        expect(difference.shape).toEqual([6, 10]);
      }
    }
    expect(names).toEqual(["parameters/dense/kernel", "parameters/dense/frozen", "buffers/norm/steps", "slots/moment1/dense/kernel"]);
  });

  it("reads no more of the files than the tensor that is asked for", async () => {
    const { storage } = await recorded(7);
    let read = 0;
    const counting = {
      ...storage,
      read: async (...args: Parameters<typeof storage.read>) => {
        const bytes = await storage.read(...args);
        read += bytes.length;
        return bytes;
      },
    };
    const trajectory = await openTrajectory(counting);
    read = 0;
    const differences = trajectory.differences(6);
    // The kernel through four files: 240 bytes by itself, fewer as differences.
    expect((await differences.next()).value!.name).toBe("parameters/dense/kernel");
    expect(read).toBeLessThan(4 * 240);
    read = 0;
    expect((await differences.next()).value!.name).toBe("parameters/dense/frozen");
    expect(read).toBeLessThan(40);
  });

  it("gives the updates of chosen tensors, and reads no others", async () => {
    const { storage } = await recorded(7);
    let read = 0;
    const counting: TrajectoryStorage = {
      ...storage,
      read: async (...args) => {
        const bytes = await storage.read(...args);
        read += bytes.length;
        return bytes;
      },
    };
    const trajectory = await openTrajectory(counting);
    read = 0;
    const names: string[] = [];
    for await (const { name } of trajectory.differences(6, (each) => each.startsWith("buffers/"))) names.push(name);
    expect(names).toEqual(["buffers/norm/steps"]);
    expect(read).toBeLessThan(40);
  });

  it("gives no updates where a tensor has come or gone, unless it is not asked for", async () => {
    const [first, second] = walk(2);
    const grown = { ...second, slots: { ...second.slots, "moment2/dense/kernel": second.slots["moment1/dense/kernel"] } };
    const trajectory = await createTrajectory(memoryStorage(), { ids });
    for (const snapshot of [first, grown, second]) await trajectory.append(snapshot, { positions: [] });
    for (const index of [1, 2]) {
      const all = async () => {
        for await (const { name } of trajectory.differences(index)) expect(name).not.toContain("moment2");
      };
      expect(await rejectionCode(all())).toBe("trajectory/other-layout");
      let parameters = 0;
      for await (const { name } of trajectory.differences(index, (each) => each.startsWith("parameters/"))) parameters += Number(name !== "");
      expect(parameters).toBe(2);
    }
  });

  it("refuses what does not fit", async () => {
    const { storage, trajectory } = await recorded(2);
    const [snapshot] = walk(1);
    expect(await rejectionCode(createTrajectory(storage, { ids }))).toBe("trajectory/exists");
    expect(await rejectionCode(createTrajectory(memoryStorage(), { ids: ["a", "b", "a"] }))).toBe("trajectory/duplicate-id");
    expect(await rejectionCode(openTrajectory(memoryStorage()))).toBe("trajectory/none");
    expect(await rejectionCode(trajectory.read(2))).toBe("trajectory/no-such-snapshot");
    expect(await rejectionCode(trajectory.read(-1))).toBe("trajectory/no-such-snapshot");
    expect(await rejectionCode(trajectory.differences(0).next())).toBe("trajectory/no-such-snapshot");
    expect(await rejectionCode(trajectory.append(snapshot, { positions: [20] }))).toBe("trajectory/no-such-sample");
    expect(await rejectionCode(trajectory.append({ ...snapshot, lossSum: NaN }, { positions: [] }))).toBe("trajectory/bad-snapshot");
    const double = { ...snapshot, parameters: { p: { shape: [1], values: Float64Array.of(1) } } };
    expect(await rejectionCode(trajectory.append(double, { positions: [] }))).toBe("trajectory/unsupported-type");
    await trajectory.append(scalars([1], "other")[0], { positions: [] });
    expect(await rejectionCode(trajectory.differences(2).next())).toBe("trajectory/other-layout");
    expect(await rejectionCode(trajectory.firstTouched(["stranger"]))).toBe("trajectory/unknown-id");
    expect(trajectory.length).toBe(3);
  });

  it("is cut off by truncate, and goes on there", async () => {
    const { storage, trajectory } = await recorded(9);
    const destroyed = await trajectory.truncate(5);
    expect(destroyed.map(({ index }) => index)).toEqual([5, 6, 7, 8]);
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.length).toBe(5);
    await appendAll(opened, walk(9));
    await expectHolds(await openTrajectory(storage), walk(9));
    await opened.truncate(0);
    expect((await storage.names()).length).toBe(1);
    await appendAll(opened, walk(2));
    await expectHolds(await openTrajectory(storage), walk(2));
  });

  it.each([6, 40])("goes on where truncate cut it off in a gap of what is kept, or beyond its end: %i", async (from) => {
    const { storage, trajectory } = await recorded(10, { budget: { bytes: 1 } });
    expect(indicesOf(trajectory)).toEqual([0, 9]);
    await trajectory.truncate(from);
    const { length } = trajectory;
    expect(length).toBe(from === 6 ? 1 : 10);
    await appendAll(trajectory, walk(length + 1));
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.entries).toEqual(trajectory.entries);
    await expectHolds(opened, walk(length + 1));
  });
});
