import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { imageFolderDataset } from "./image-folder.ts";

const side = 1024;
const perClass = 63;
const valueOf = (label: number, shade: number) => 100 * label + 10 * shade;
let folder: string;

/** Few pictures, many files: encoding is what takes time. */
const shades = 3;

/** Together 1.5 GB as float32, in files of a few kB. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-large-"));
  for (const [label, name] of ["dark", "light"].entries()) {
    await mkdir(join(folder, name));
    const pictures = Array.from({ length: shades }, (_, shade) => {
      const image = new PNG({ width: side, height: side });
      image.data.fill(valueOf(label, shade));
      for (let pixel = 0; pixel < side * side; pixel++) image.data[4 * pixel + 3] = 255;
      return PNG.sync.write(image, { colorType: 2, deflateLevel: 1 });
    });
    for (let i = 0; i < perClass; i++) await writeFile(join(folder, name, `${i}.png`), pictures[i % shades]);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("a folder of more pixels than fit is hashed and read in batches within 1 GB", async () => {
  const data = await imageFolderDataset(folder);
  expect(4 * data.size * side * side * 3).toBeGreaterThan(1.5e9);
  await data.hash();
  for (let first = 0; first < data.size; first += 7) {
    const { inputs } = await data.read(Array.from({ length: 7 }, (_, i) => first + i));
    const shade = Number(/(\d+)\.png/.exec(data.ids[first])![1]) % shades;
    expect(inputs.values[0]).toBe(Math.fround(valueOf(data.labels[first], shade) / 255));
  }
  // Kilobytes, the highest of this process, the test runner included.
  expect(1024 * process.resourceUsage().maxRSS).toBeLessThan(1e9);
});
