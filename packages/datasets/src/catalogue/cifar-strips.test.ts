import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { expect, it } from "vitest";
import { convertCifarStrips } from "./cifar-strips.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const temporary = () => mkdtemp(join(tmpdir(), "lethe-catalogue-"));

it("picture strips become records: label, red, green, blue", async () => {
  const folder = await temporary();
  const strip = new PNG({ width: 1024, height: 3 });
  for (let i = 0; i < 3 * 1024; i++) strip.data.set([i % 251, i % 241, i % 239, 255], 4 * i);
  await writeFile(join(folder, "one.png"), PNG.sync.write(strip, { colorType: 2 }));
  await writeFile(join(folder, "two.png"), PNG.sync.write(strip, { colorType: 2 }));
  await writeFile(join(folder, "labels.json"), JSON.stringify([7, 0, 9, 1, 2, 3]));
  await convertCifarStrips(folder, [{ labels: "labels.json", batches: ["one", "two"] }], new AbortController().signal);
  const row = (label: number, at: number) => [
    label,
    ...[251, 241, 239].flatMap((base) => Array.from({ length: 1024 }, (_, i) => (1024 * at + i) % base)),
  ];
  expect([...(await readFile(join(folder, "one.bin")))]).toEqual([row(7, 0), row(0, 1), row(9, 2)].flat());
  expect((await readFile(join(folder, "two.bin"))).filter((_, i) => i % 3073 === 0)).toEqual(Buffer.of(1, 2, 3));
  await writeFile(join(folder, "labels.json"), "[7]");
  const short = convertCifarStrips(folder, [{ labels: "labels.json", batches: ["one"] }], new AbortController().signal);
  await expect(short).rejects.toThrow(code("data/bad-labels"));
});
