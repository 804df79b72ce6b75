import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { folderStorage } from "../files/index.ts";
import { firstWord, killHard, startChild, translateSources } from "../files/fixtures/child-program.ts";
import { temporaryFolder } from "../files/fixtures/temporary-folder.ts";
import { crashingFileSystem } from "../files/fixtures/watched-file-system.ts";
import { rejectionCode } from "../io/fixtures/error-code.ts";
import { appendAll, bitsOf, ids, provenanceOf, walk } from "./fixtures/walk.ts";
import { createTrajectory, openTrajectory } from "./open.ts";

const pathOf = temporaryFolder();

describe("a trajectory in a folder", () => {
  it("is old or new wherever the power fails while it appends, and while it forgets", async () => {
    const old = walk(4).map(bitsOf);
    const retrained = walk(4, "retrained").map(bitsOf);
    const seen = new Set<string>();
    for (let call = 1; ; call += 3) {
      const path = pathOf(`power-${call}`);
      await appendAll(await createTrajectory(await folderStorage(path), { ids, keyFrameEvery: 3 }), walk(3));
      const { fileSystem, state } = crashingFileSystem(call);
      const work = async () => {
        const trajectory = await openTrajectory(await folderStorage(path, { fileSystem }));
        await appendAll(trajectory, walk(4));
        const snapshots = walk(4, "retrained").slice(2);
        await trajectory.forget(
          ["sample-1"],
          snapshots.map((snapshot) => ({ snapshot, provenance: provenanceOf(0) })),
        );
      };
      await rejectionCode(work());
      const opened = await openTrajectory(await folderStorage(path));
      const held = await Promise.all(opened.entries.map(async ({ index }) => bitsOf(await opened.read(index))));
      const expected = { old: old.slice(0, opened.length), retrained: [...old.slice(0, 2), ...retrained.slice(2)] };
      const [run] = Object.entries(expected).find(([, bits]) => JSON.stringify(bits) === JSON.stringify(held)) ?? ["mixture"];
      seen.add(run + opened.length);
      expect(await readdir(path)).toHaveLength(1 + opened.length);
      if (!state.crashed) break;
    }
    expect(seen).toEqual(new Set(["old3", "old4", "retrained4"]));
  });
});

describe.skipIf(process.platform === "win32")("a program killed while it records a trajectory and forgets", () => {
  const program = () => pathOf("program");
  beforeAll(() => translateSources(program()));

  /** Snapshot k of run r holds r and k in every element; every fifth round forgets the last three and trains them anew. */
  const source = `
    import { createTrajectory, openTrajectory } from "./trajectory/open.js";
    import { folderStorage } from "./files/folder-storage.js";
    const storage = await folderStorage(process.argv[2]);
    const ids = Array.from({ length: 40 }, (_, i) => "sample-" + i);
    const begun = (await storage.names()).length > 0;
    const budget = { bytes: 60_000 };
    const trajectory = begun ? await openTrajectory(storage) : await createTrajectory(storage, { ids, keyFrameEvery: 4, budget });
    const snapshot = (run, index) => {
      const kernel = Float32Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? run : index));
      return { epoch: run, step: index, lossSum: 0, key: "", parameters: { "w/k": { shape: [4000], values: kernel } }, buffers: {}, slots: {} };
    };
    let run = Math.max(0, ...trajectory.entries.map(({ epoch }) => epoch));
    for (let round = 0; ; round++) {
      if (round % 5 < 4) await trajectory.append(snapshot(run, trajectory.length), { positions: [trajectory.length % 40] });
      else {
        const last = (trajectory.length - 3) % 40;
        const id = trajectory.ids[last];
        const from = id === null ? undefined : await trajectory.firstTouched([id]);
        run += 1;
        const replacement = [0, 1].map((i) => ({ snapshot: snapshot(run, from + i), provenance: { positions: [] } }));
        if (from !== undefined) await trajectory.forget([id], replacement);
      }
      if (round === 0) console.log("ready");
    }`;

  it("leaves a trajectory that opens, whole, and goes on", async () => {
    const path = pathOf("killed");
    let recovered = 0;
    let deepest = 0;
    for (let kill = 0; kill < 60 && (kill < 5 || recovered === 0 || deepest <= 10); kill++) {
      const child = await startChild(program(), source, path);
      await firstWord(child);
      // Longer and longer, for machines that are busy with other things.
      await delay(((17 * kill) % 70) * (1 + Math.floor(kill / 5)));
      await killHard(child);
      const trajectory = await openTrajectory(await folderStorage(path));
      recovered += trajectory.recovered.length;
      deepest = Math.max(deepest, trajectory.length);
      for (const { index, epoch } of trajectory.entries) {
        const { values } = (await trajectory.read(index)).parameters["w/k"];
        expect([values[0], values[1]]).toEqual([epoch, index]);
      }
      // What was trained anew stands behind what was not, never among it.
      const epochs = trajectory.entries.map(({ epoch }) => epoch);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      expect(await readdir(path)).toHaveLength(1 + trajectory.entries.length);
    }
    expect(deepest).toBeGreaterThan(10);
    expect(recovered).toBeGreaterThan(0);
  });
});
