import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { expectHolds, indicesOf, recorded, scalars } from "./fixtures/recorded.ts";
import { appendAll, walk } from "./fixtures/walk.ts";
import type { ReplacementSnapshot } from "./forget-report.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage } from "./storage.ts";

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
    expect(await trajectory.forget(["sample-19"], never)).toEqual({ from: undefined, destroyed: [], undestroyed: [], published: [] });
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

  it("keeps in mind what a snapshot may still hold of the forgotten, through thinning and opening", async () => {
    const { storage, trajectory } = await recorded(8, { budget: { bytes: 1e6 } });
    const [stitched, trained, ...rest] = walk(8, "retrained").slice(4);
    const residue = [3];
    const replaced = [
      { snapshot: stitched, provenance: { positions: [17], residue } },
      { snapshot: trained, provenance: { positions: [18] } },
      ...rest.map((snapshot) => ({ snapshot, provenance: { positions: [16], residue } })),
    ];
    await trajectory.forget(["sample-3"], replaced);
    const opened = await openTrajectory(storage);
    const residues = await Promise.all([3, 4, 5, 6].map(async (index) => [...(await opened.residue(index))]));
    expect(residues).toEqual([[], [3], [], [3]]);
    expect([...(await opened.samples(4))]).toEqual([17]);
    const small = await recorded(8, { budget: { bytes: 1 } });
    await small.trajectory.forget(
      ["sample-3"],
      replaced.map((each, i) => ({ ...each, index: 4 + i })),
    );
    expect(indicesOf(small.trajectory)).toEqual([0, 7]);
    expect([...(await small.trajectory.residue(7))]).toEqual([3]);
    expect([...(await small.trajectory.samples(7))]).toEqual([16, 17, 18]);
  });

  it("replaces the metadata at the same moment, where it is given other", async () => {
    const { storage, trajectory } = await recorded(4, { metadata: { data: "all" } });
    await trajectory.forget(["sample-2"], [], { metadata: { data: "less" } });
    expect((await openTrajectory(storage)).metadata).toEqual({ data: "less" });
    await trajectory.forget(["sample-19"], [], { metadata: { data: "least" } });
    expect((await openTrajectory(storage)).metadata).toEqual({ data: "least" });
    await trajectory.forget(["sample-18"], []);
    expect(trajectory.metadata).toEqual({ data: "least" });
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
