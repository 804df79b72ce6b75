import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import type { TrainingSnapshot } from "../train/index.ts";
import { hashTree, type HostTree } from "../tree/index.ts";
import { appendAll, bitsOf, ids, provenanceOf, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage } from "./storage.ts";
import type { ReplacementSnapshot, Trajectory } from "./trajectory.ts";

async function recorded(length: number, options: Partial<Parameters<typeof createTrajectory>[1]> = {}) {
  const storage = memoryStorage();
  const trajectory = await createTrajectory(storage, { ids, keyFrameEvery: 4, ...options });
  await appendAll(trajectory, walk(length));
  return { storage, trajectory };
}

const indicesOf = (trajectory: Trajectory) => trajectory.entries.map(({ index }) => index);

async function expectHolds(trajectory: Trajectory, snapshots: readonly TrainingSnapshot[]): Promise<void> {
  for (const { index } of trajectory.entries) expect(bitsOf(await trajectory.read(index))).toEqual(bitsOf(snapshots[index]));
}

/** Of a scalar model, from the float values of its parameter. */
const scalars = (values: readonly number[], key: string): TrainingSnapshot[] =>
  values.map((value, epoch) => {
    return { epoch, step: 0, lossSum: 0, key, parameters: { p: { shape: [1], values: Float32Array.of(value) } }, buffers: {}, slots: {} };
  });

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

describe("forget", () => {
  const replacements = (from: number, length: number): ReplacementSnapshot[] =>
    walk(length, "retrained")
      .slice(from)
      .map((snapshot, i) => ({ snapshot, provenance: { positions: [17], block: from + i } }));

  it("destroys every snapshot from the first touched on, publishes the others, and strikes the ids out", async () => {
    const { storage, trajectory } = await recorded(10);
    const report = await trajectory.forget(["sample-6", "sample-4"], replacements(5, 9));
    expect(report.from).toBe(5);
    expect(report.destroyed.map(({ index }) => index)).toEqual([5, 6, 7, 8, 9]);
    expect(report.published).toEqual([5, 6, 7, 8]);
    const left = await storage.names();
    for (const { file } of report.destroyed) expect(left).not.toContain(file);
    expect(left).toHaveLength(10);
    for (const each of [trajectory, await openTrajectory(storage)]) {
      await expectHolds(each, [...walk(5), ...walk(9, "retrained").slice(5)]);
      expect(each.length).toBe(9);
      expect(each.ids[4]).toBeNull();
      expect(each.ids[5]).toBe("sample-5");
      expect(await each.firstTouched(["sample-3"])).toBe(4);
      expect(await each.firstTouched(["sample-5"])).toBeUndefined();
      expect(await rejectionCode(each.firstTouched(["sample-4"]))).toBe("trajectory/unknown-id");
      expect(each.recovered).toEqual([]);
    }
    const text = await Promise.all(left.map(async (name) => new TextDecoder().decode(await storage.read(name))));
    expect(text.join("")).not.toContain('"sample-4"');
    expect(text.join("")).toContain('"sample-5"');
  });

  it("follows one request after the other", async () => {
    const { storage, trajectory } = await recorded(10);
    await trajectory.forget(["sample-7"], replacements(8, 10));
    await trajectory.forget(["sample-2"], replacements(3, 12));
    await (await openTrajectory(storage)).forget(["sample-17"], []);
    const opened = await openTrajectory(storage);
    await expectHolds(opened, walk(3));
    expect(opened.length).toBe(3);
    await appendAll(opened, walk(6));
    await expectHolds(await openTrajectory(storage), walk(6));
  });

  it("of samples that shaped nothing asks for no replacement", async () => {
    const { storage, trajectory } = await recorded(5);
    const never = {
      [Symbol.iterator]: () => {
        throw new Error("asked");
      },
    };
    expect(await trajectory.forget(["sample-19"], never)).toEqual({ from: undefined, destroyed: [], published: [] });
    expect((await openTrajectory(storage)).ids[19]).toBeNull();
  });

  it("leaves the old trajectory where the replacement fails or still has the sample", async () => {
    const { storage, trajectory } = await recorded(8);
    const names = (await storage.names()).toSorted();
    const failing = function* () {
      yield* replacements(3, 6);
      throw new Error("training failed");
    };
    await expect(trajectory.forget(["sample-2"], failing())).rejects.toThrow("training failed");
    const touched = [...replacements(3, 6), { snapshot: walk(1)[0], provenance: { positions: [2] } }];
    expect(await rejectionCode(trajectory.forget(["sample-2"], touched))).toBe("trajectory/still-touched");
    expect((await storage.names()).toSorted()).toEqual(names);
    await expectHolds(await openTrajectory(storage), walk(8));
    await trajectory.forget(["sample-2"], replacements(3, 5));
    await expectHolds(await openTrajectory(storage), [...walk(3), ...walk(5, "retrained").slice(3)]);
  });

  it("may read the trajectory while it is replaced: DeepObliviate's residual memory, on the toy of closed form", async () => {
    // P <- (P + x_k) / 2 over one-point blocks; block 3 is deleted, and its update skipped. All numbers are dyadic.
    const x = [8, -4, 16, 0, 12, -8, 4, 20];
    const run = (skipped: number) => {
      const values = [0];
      for (const [i, point] of x.entries()) values.push(i === skipped ? values[i] : (values[i] + point) / 2);
      return values;
    };
    const trajectory = await createTrajectory(memoryStorage(), { ids: x.map(String), keyFrameEvery: 3 });
    const old = scalars(run(-1), "all");
    for (const [k, snapshot] of old.entries()) await trajectory.append(snapshot, { positions: k === 0 ? [] : [k - 1], block: k });
    const primed = scalars(run(2), "without 16");
    const deltas: number[] = [];
    const from = (await trajectory.firstTouched(["16"]))!;
    expect(from).toBe(3);
    const retrain = async function* () {
      for (let k = from; k < primed.length; k++) {
        let sum = 0;
        for await (const { before, after } of trajectory.differences(k)) {
          sum += Math.abs(after[0] - before[0] - (primed[k].parameters.p.values[0] - primed[k - 1].parameters.p.values[0]));
        }
        deltas.push(sum);
        yield { snapshot: primed[k], provenance: { positions: k === 3 ? [] : [k - 1] } };
      }
    };
    const report = await trajectory.forget(["16"], retrain());
    expect(deltas).toEqual([8, 4, 2, 1, 0.5, 0.25]);
    expect(report.destroyed).toHaveLength(6);
    expect((await trajectory.read(8)).parameters.p.values[0]).toBe(10.75);
  });

  it("goes together with a budget", async () => {
    const { storage, trajectory } = await recorded(16, { budget: { bytes: (await recorded(16)).trajectory.bytes / 2 } });
    const from = (await trajectory.firstTouched(["sample-6"]))!;
    const report = await trajectory.forget(["sample-6"], replacements(from, 15));
    expect(report.destroyed.map(({ index }) => index)).toEqual([8, 12, 15]);
    const opened = await openTrajectory(storage);
    expect(indicesOf(opened)).toEqual([0, 4, 8, 12, 14]);
    await expectHolds(opened, [...walk(5), ...walk(15, "retrained").slice(5)]);
  });
});
