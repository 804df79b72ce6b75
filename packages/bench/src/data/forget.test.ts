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

  it("is a class by number or name, a number of samples, or a file of ids", async () => {
    await writeFile(join(folder, "ids.json"), '["0", "3"]');
    expect(await readForget("class=2", data, folder)).toEqual({ class: 2 });
    expect(await readForget("class=trouser", data, folder)).toEqual({ class: 1 });
    expect(await readForget("random=3", data, folder)).toEqual({ random: 3 });
    expect(await readForget("ids.json", data, folder)).toEqual(["0", "3"]);
  });

  it.each([
    ["class=Hat", "forget/unknown-class"],
    ["random=0", "forget/bad-count"],
    ["random=-1", "forget/bad-count"],
    ["random=1.5", "forget/bad-count"],
    ["everything", "forget/not-understood"],
    ["missing.json", "file/not-found"],
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
