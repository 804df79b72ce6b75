import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLetheError } from "../errors/index.ts";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { appendAll, bitsOf, ids, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";
import { memoryStorage, type TrajectoryStorage } from "./storage.ts";

const file = (index: number) => `snapshot-0-00000${index}.safetensors`;
const head = "trajectory.safetensors";

async function recorded(length = 6): Promise<TrajectoryStorage> {
  const storage = memoryStorage();
  await appendAll(await createTrajectory(storage, { ids, keyFrameEvery: 3 }), walk(length));
  return storage;
}

async function change(storage: TrajectoryStorage, name: string, edit: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await storage.write(name, edit(await storage.read(name)));
}

const flip =
  (at: number, bit = 0) =>
  (bytes: Uint8Array) =>
    bytes.with(at, bytes[at] ^ (1 << bit));
/** Where the stream of the first tensor ends. */
function lastKernelByte(bytes: Uint8Array): number {
  const lengths = /lengths\\":\[([\d,]+)\]/.exec(new TextDecoder().decode(bytes))![1].split(",").map(Number);
  return bytes.length - lengths.slice(1).reduce((sum, length) => sum + length, 0) - 1;
}

const outcome = async (body: Promise<unknown>) => (await rejectionCode(body)) ?? "fine";

async function readAll(storage: TrajectoryStorage): Promise<void> {
  const trajectory = await openTrajectory(storage);
  expect(trajectory.length).toBe(6);
  for (let index = 0; index < 6; index++) {
    expect(bitsOf(await trajectory.read(index))).toEqual(bitsOf(walk(6)[index]));
    expect([...(await trajectory.samples(index))]).toEqual(index === 0 ? [] : [index - 1]);
  }
}

describe("a damaged trajectory", () => {
  it("never gives other bits than were written, whichever bit of whichever file is wrong", async () => {
    const storage = await recorded();
    const names = await storage.names();
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat({ max: 7 }),
        async (name, where, bit) => {
          const whole = await storage.read(name);
          await change(storage, name, flip(Math.floor(where * whole.length), bit));
          try {
            await readAll(storage);
            codes.add("fine");
          } catch (error) {
            if (!isLetheError(error)) throw error;
            codes.add(error.code);
            expect(error.details["file"]).toBe(name);
            expect(error.message).toContain(name);
          } finally {
            await storage.write(name, whole);
          }
        },
      ),
      { numRuns: 400 },
    );
    // A flipped bit in the padding of a deflated stream changes nothing.
    expect([...codes].toSorted().filter((code) => code !== "fine")).toEqual(
      ["trajectory/damaged", "trajectory/unsupported-version"].filter((code) => codes.has(code)),
    );
    expect(codes).toContain("trajectory/damaged");
  });

  it("is recognised wherever a file is cut short", async () => {
    const storage = await recorded();
    for (const name of [file(0), file(2), head]) {
      const whole = await storage.read(name);
      for (let length = 0; length < whole.length; length += 7) {
        await storage.write(name, whole.slice(0, length));
        expect(await outcome(readAll(storage))).toBe("trajectory/damaged");
      }
      await storage.write(name, whole);
    }
    await readAll(storage);
  });

  it.each([
    ["a huge header", (bytes: Uint8Array) => bytes.with(6, 1)],
    ["a header of half a gigabyte", (bytes: Uint8Array) => bytes.with(3, 0x1f)],
    ["another kind of file", () => new TextEncoder().encode("PK\u0003\u0004 some archive that is long enough")],
    ["zeros", (bytes: Uint8Array) => new Uint8Array(bytes.length)],
    ["nothing", () => new Uint8Array(0)],
  ])("is recognised by %s", async (_, edit) => {
    for (const name of [file(1), head]) {
      const storage = await recorded();
      await change(storage, name, edit);
      expect(await outcome(openTrajectory(storage))).toBe("trajectory/damaged");
    }
  });

  it("is recognised by a file that has the name of another", async () => {
    const storage = await recorded();
    await storage.write(file(4), await storage.read(file(5)));
    expect(await outcome(openTrajectory(storage))).toBe("trajectory/damaged");
  });

  it("names the file that is wrong, not the one that was asked for", async () => {
    const storage = await recorded();
    await change(storage, file(1), (bytes) => flip(lastKernelByte(bytes))(bytes));
    const trajectory = await openTrajectory(storage);
    await expect(trajectory.read(2)).rejects.toMatchObject({ code: "trajectory/damaged", details: { file: file(1) } });
    expect(bitsOf(await trajectory.read(3))).toEqual(bitsOf(walk(6)[3]));
    await trajectory.truncate(1);
    await appendAll(trajectory, walk(6));
    await readAll(await openedAgain(storage));
  });

  const openedAgain = async (storage: TrajectoryStorage) => (await openTrajectory(storage), storage);

  it("is dropped from the damage on where that is asked for", async () => {
    for (const damage of ["front", "missing"]) {
      const storage = await recorded();
      if (damage === "front") await change(storage, file(3), flip(100));
      else await storage.remove(file(3));
      expect(await outcome(openTrajectory(storage))).toBe(damage === "front" ? "trajectory/damaged" : "trajectory/missing");
      const opened = await openTrajectory(storage, { damaged: "drop" });
      expect(opened.length).toBe(3);
      expect(opened.recovered.map(({ index }) => index)).toEqual(damage === "front" ? [5, 4, 3] : [5, 4]);
      await appendAll(opened, walk(6));
      await readAll(storage);
    }
  });

  it("goes on in files that count, where everything behind a deletion was lost", async () => {
    const storage = await recorded();
    const trajectory = await openTrajectory(storage);
    await trajectory.forget(["sample-3"], [{ snapshot: walk(5)[4], provenance: { positions: [] } }]);
    await storage.remove("snapshot-1-000004.safetensors");
    await storage.remove(file(3));
    const opened = await openTrajectory(storage);
    expect(opened.length).toBe(3);
    for (const snapshot of walk(6).slice(3)) await opened.append(snapshot, { positions: [] });
    expect((await openTrajectory(storage)).length).toBe(6);
  });

  it("says when it is of a newer release", async () => {
    const storage = await recorded();
    await change(storage, head, (bytes) =>
      Uint8Array.from(new TextEncoder().encode(new TextDecoder().decode(bytes).replace("trajectory-1", "trajectory-2"))),
    );
    expect(await outcome(openTrajectory(storage))).toBe("trajectory/unsupported-version");
  });
});
