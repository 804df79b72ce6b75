import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arrayDataset } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { readForget } from "./forget.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-forget-"));
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("a forget set as people write it", () => {
  const data = arrayDataset({ inputs: new Float32Array(4), inputShape: [1], labels: [0, 1, 2, 1], classNames: ["Shirt", "Trouser", "Bag"] });

  it("is what the grammar names, or a file of ids", async () => {
    await writeFile(join(folder, "ids.json"), '["3", "0"]');
    await writeFile(join(folder, "ids.csv"), "id,why\n3,left\n");
    await writeFile(join(folder, "ids.txt"), "1\n2\n");
    const read = async (given: string) => {
      const { kind, ids } = await readForget(given, data, folder);
      return [kind, ids(0)];
    };
    expect(await read("class=trouser")).toEqual([{ class: 1 }, ["1", "3"]]);
    expect(await read("random=50%")).toMatchObject([{ random: 2 }, { length: 2 }]);
    expect(await read("ids.json")).toEqual([{ ids: 2 }, ["0", "3"]]);
    expect(await read("ids.csv")).toEqual([{ ids: 1 }, ["3"]]);
    expect(await read("ids.txt,random=1")).toMatchObject([{ random: 1, of: { ids: 2 } }, { length: 1 }]);
  });

  it("is nothing that was forgotten before, even where the data no longer has it", async () => {
    await writeFile(join(folder, "again.json"), '["0", "gone"]');
    await expect(readForget("again.json", data, folder, ["gone"])).rejects.toMatchObject({ code: "forget/already-forgotten", details: { id: "gone" } });
    await expect(readForget("again.json", data, folder)).rejects.toThrow(code("forget/unknown-id"));
  });

  it.each([
    ["class=Hat", "forget/unknown-class"],
    ["random=0", "forget/bad-count"],
    ["random=-1", "forget/bad-count"],
    ["random=1.5", "forget/bad-count"],
    ["everything", "forget/not-understood"],
    ["missing.json", "file/not-found"],
    ["missing.txt", "file/not-found"],
    ["where=age=3", "forget/unknown-column"],
    ["empty.json", "forget/bad-file"],
    ["numbers.json", "forget/bad-file"],
    ["broken.json", "forget/bad-file"],
  ])("is not %s", async (given, expected) => {
    await writeFile(join(folder, "empty.json"), "[]");
    await writeFile(join(folder, "numbers.json"), "[1, 2]");
    await writeFile(join(folder, "broken.json"), '["a"');
    await expect(readForget(given, data, folder)).rejects.toThrow(code(expected));
  });
});
