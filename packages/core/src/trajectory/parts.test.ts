import { describe, expect, it } from "vitest";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { appendAll, bitsOf, ids, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory, type CreateTrajectoryOptions } from "./open.ts";
import { memoryStorage } from "./storage.ts";

const files = async (storage: { names(): Promise<readonly string[]> }) => (await storage.names()).filter((name) => name.startsWith("snapshot"));

async function recorded(options: Partial<CreateTrajectoryOptions>, length = 9) {
  const storage = memoryStorage();
  const trajectory = await createTrajectory(storage, { ids, keyFrameEvery: 4, ...options });
  await appendAll(trajectory, walk(length));
  return { storage, trajectory };
}

describe("a snapshot in several files", () => {
  it.each([1, 7, 64, 300])("is the same snapshot, with %i bytes of tensors in each", async (bytesPerFile) => {
    const { storage, trajectory } = await recorded({ bytesPerFile });
    const whole = await recorded({});
    const sizes = await Promise.all((await files(storage)).map(async (name) => ({ name, size: (await storage.read(name)).length })));
    expect(sizes.some(({ name }) => name.includes(".part-"))).toBe(true);
    for (const { name, size } of sizes) if (name.includes(".part-")) expect(size).toBeLessThanOrEqual(bytesPerFile);
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBe(trajectory.bytes);
    const opened = await openTrajectory(storage);
    expect(opened.recovered).toEqual([]);
    expect(opened.entries).toEqual(trajectory.entries);
    for (const { index, content } of opened.entries) {
      expect(bitsOf(await opened.read(index))).toEqual(bitsOf(walk(9)[index]));
      expect(content).toBe(whole.trajectory.entries[index].content);
    }
    for await (const { name, after } of opened.differences(8)) {
      if (name === "parameters/dense/kernel") expect(after).toEqual(walk(9)[8].parameters["dense/kernel"].values);
    }
  });

  it("is thinned and destroyed with all of them", async () => {
    const { storage, trajectory } = await recorded({
      bytesPerFile: 50,
      budget: { bytes: 0.6 * (await recorded({ bytesPerFile: 50 })).trajectory.bytes },
    });
    expect(trajectory.entries.length).toBeLessThan(9);
    const total = async () =>
      (await Promise.all((await files(storage)).map((name) => storage.read(name)))).reduce((sum, { length }) => sum + length, 0);
    expect(await total()).toBe(trajectory.bytes);
    const { destroyed } = await trajectory.forget(["sample-6"], []);
    expect(destroyed.some(({ file }) => file.includes(".part-"))).toBe(true);
    expect(await total()).toBe(trajectory.bytes);
    for (const { file } of destroyed) expect(await storage.names()).not.toContain(file);
    for (const { index } of trajectory.entries) expect(bitsOf(await trajectory.read(index))).toEqual(bitsOf(walk(9)[index]));
  });

  it("is recognised as damaged where one is gone, cut short or another", async () => {
    for (const damage of ["gone", "short", "other"] as const) {
      const { storage } = await recorded({ bytesPerFile: 50 });
      const part = (await files(storage)).find((name) => name.startsWith("snapshot-0-000006") && name.endsWith("part-2"))!;
      const content = await storage.read(part);
      if (damage === "gone") await storage.remove(part);
      else await storage.write(part, damage === "short" ? content.slice(1) : content.map((byte) => byte ^ 255));
      const reading = async () => (await openTrajectory(storage)).read(6);
      expect(await rejectionCode(reading())).toBe("trajectory/damaged");
      if (damage !== "gone") continue;
      expect((await openTrajectory(storage, { damaged: "drop" })).length).toBe(6);
    }
  });
});
