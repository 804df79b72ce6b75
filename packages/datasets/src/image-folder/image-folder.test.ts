import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode } from "jpeg-js";
import { PNG, type ColorType } from "pngjs";
import { describe, expect, it } from "vitest";
import { createRandom } from "@lethe/core";
import { openDecoder } from "./decoder.ts";
import { fitted, greyOf } from "./fit.ts";
import { imageFolderDataset } from "./image-folder.ts";
import { naturalOrder } from "./natural-order.ts";
import type { Picture } from "./picture.ts";
import { createPixelCache } from "./pixel-cache.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

function noise(width: number, height: number, seed: number): Picture {
  const random = createRandom(seed);
  return { width, height, pixels: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}

function rgba({ width, height, pixels }: Picture, opacity: (pixel: number) => number = () => 255): Buffer {
  return Buffer.from(Array.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? opacity(i >> 2) : pixels[3 * (i >> 2) + (i % 4)])));
}

function png(picture: Picture, options: { colorType?: ColorType; bitDepth?: 8 | 16; opacity?: (pixel: number) => number } = {}): Buffer {
  const { opacity, ...rest } = options;
  const image = new PNG({ width: picture.width, height: picture.height });
  image.data = rgba(picture, opacity);
  return PNG.sync.write(image, { colorType: 2, ...rest });
}

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lethe-images-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if (!name.endsWith("/")) await writeFile(join(folder, name), content);
    else await mkdir(join(folder, name), { recursive: true });
  }
  return folder;
}

describe("a folder of images", () => {
  it("is a data set: a class per sub-folder, natural order, ids as paths, pixels / 255", async () => {
    const [a, b, c, d] = [1, 2, 3, 4].map((seed) => noise(3, 2, seed));
    const folder = await folderOf({
      "dog/10.png": png(a),
      "dog/9.png": png(b),
      "cat/more/x.PNG": png(c),
      "cat/z.png": png(d),
      "cat/.DS_Store": "litter",
      "labels.txt": "beside the classes",
    });
    const data = await imageFolderDataset(folder);
    expect(data).toMatchObject({ classNames: ["cat", "dog"], classCount: 2, inputShape: [2, 3, 3], jpegDecoder: "none" });
    expect(data.ids).toEqual(["cat/z.png", "cat/more/x.PNG", "dog/9.png", "dog/10.png"]);
    expect([...data.labels]).toEqual([0, 0, 1, 1]);
    const { inputs, labels } = await data.read([3, 0, 3]);
    expect([...labels]).toEqual([1, 0, 1]);
    expect([...inputs.values]).toEqual([...Float32Array.from([a, d, a].flatMap(({ pixels }) => Array.from(pixels, (value) => value / 255)))]);
    const grey = await imageFolderDataset(folder, { mode: "grey", cacheBytes: 0 });
    expect([grey.inputShape, [...(await grey.read([1])).inputs.values]]).toEqual([
      [2, 3, 1],
      [...Float32Array.from(greyOf(c), (value) => value / 255)],
    ]);
  });

  it("hashes to the same with and without a cache, and to another after a pixel changed", async () => {
    const folder = await folderOf({ "a/1.png": png(noise(4, 4, 1)), "b/1.png": png(noise(4, 4, 2)) });
    const hash = await (await imageFolderDataset(folder)).hash();
    expect(await (await imageFolderDataset(folder, { cacheBytes: 48 })).hash()).toBe(hash);
    await writeFile(join(folder, "b/1.png"), png(noise(4, 4, 3)));
    expect(await (await imageFolderDataset(folder)).hash()).not.toBe(hash);
  });

  it("takes the order of classes from elsewhere, where a test folder lacks some", async () => {
    const folder = await folderOf({ "dog/1.png": png(noise(2, 2, 1)) });
    expect([...(await imageFolderDataset(folder, { classNames: ["cat", "dog"] })).labels]).toEqual([1]);
    await expect(imageFolderDataset(folder, { classNames: ["cat"] })).rejects.toThrow(code("data/unknown-class"));
  });

  const good = png(noise(2, 2, 1));
  it.each([
    ["a folder that is not there", {}, "absent", "data/unreadable", /absent cannot be read: it is not there/],
    ["no classes", { "notes.txt": "" }, ".", "data/no-classes", /has no sub-folders/],
    ["an image outside of the classes", { "a/1.png": good, "2.png": good }, ".", "data/image-without-class", /2\.png lies outside/],
    ["a class without images", { "a/1.png": good, "b/": "" }, ".", "data/empty-class", /[\\/]b has no image/],
    ["two classes of one name", { "Cat/1.png": good, "cat/1.png": good }, ".", "data/duplicate-class", /classes Cat and cat/],
    ["two ways to write an accent", { "\u00e9/1.png": good, "e\u0301/1.png": good }, ".", "data/duplicate-class", /read as one name/],
    ["a file of another format", { "a/1.png": good, "a/2.webp": good }, ".", "data/not-an-image", /2\.webp is no \.png/],
  ])("refuses %s", async (_, files, inside, expected, message) => {
    const opened = imageFolderDataset(join(await folderOf(files), inside));
    await expect(opened).rejects.toThrow(code(expected));
    await expect(opened).rejects.toThrow(message);
  });

  it("refuses a link to a folder above", async () => {
    const folder = await folderOf({ "a/1.png": good });
    await symlink(join(folder, "a"), join(folder, "a", "again"));
    await expect(imageFolderDataset(folder)).rejects.toThrow(/(folders deep|cannot be read)/);
  });

  const broken: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    ["an empty file", () => new Uint8Array(), /is empty/],
    ["text", () => Buffer.from("no picture"), /neither PNG nor JPEG/],
    ["half a PNG", () => good.subarray(0, 50), /cannot be decoded/],
    ["a PNG with a changed byte", () => Buffer.concat([good.subarray(0, 45), Buffer.of(good[45] ^ 255), good.subarray(46)]), /cannot be decoded/],
    ["half a JPEG", () => encode({ width: 16, height: 16, data: rgba(noise(16, 16, 1)) }, 90).data.subarray(0, 300), /cannot be decoded/],
    ["a PNG of absurd size", () => absurd(good), /cannot be decoded/],
  ];
  it.each(broken.flatMap(([name, make, message]) => (["sharp", "jpeg-js"] as const).map((decoder) => [name, decoder, make, message] as const)))(
    "names %s that %s cannot decode",
    async (_, decoder, make, message) => {
      const folder = await folderOf({ "a/1.png": good, "b/odd.png": make() });
      const data = await imageFolderDataset(folder, { decoder });
      await data.read([0]);
      const reading = data.read([0, 1]);
      await expect(reading).rejects.toThrow(code("data/bad-image"));
      await expect(reading).rejects.toThrow(/b[\\/]odd\.png /);
      await expect(reading).rejects.toThrow(message);
    },
  );

  it("refuses images of several sizes, until it is told which", async () => {
    const folder = await folderOf({ "a/1.png": good, "a/2.png": png(noise(3, 2, 1)) });
    await expect((await imageFolderDataset(folder)).read([1])).rejects.toThrow(/2\.png has 2 x 3 pixels and .*1\.png 2 x 2; say to which size/);
    expect((await (await imageFolderDataset(folder, { size: 4 })).read([0, 1])).inputs.shape).toEqual([2, 4, 4, 3]);
    await expect(imageFolderDataset(folder, { size: 0 })).rejects.toThrow(code("data/bad-size"));
  });
});

/** With a header that states 2^30 x 2^30 pixels, its checksum made right. */
function absurd(bytes: Buffer): Buffer {
  const result = Buffer.from(bytes);
  result.writeUInt32BE(2 ** 30, 16);
  result.writeUInt32BE(2 ** 30, 20);
  let crc = 0xffffffff;
  for (const byte of result.subarray(12, 29)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  result.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 29);
  return result;
}

describe("decoders", () => {
  const picture = noise(13, 7, 5);
  it.each([
    ["colour", png(picture)],
    ["colour with opacity", png(picture, { colorType: 6, opacity: (pixel) => (7 * pixel) % 256 })],
    ["grey", png({ ...picture, pixels: picture.pixels.map((_, i, all) => all[3 * Math.floor(i / 3)]) }, { colorType: 0 })],
    [
      "grey with opacity",
      png({ ...picture, pixels: picture.pixels.map((_, i, all) => all[3 * Math.floor(i / 3)]) }, { colorType: 4, opacity: (p) => p }),
    ],
    ["16 bits", png(picture, { bitDepth: 16 })],
  ])("give the same pixels of a PNG: %s", async (_, bytes) => {
    const [pure, sharp] = [await openDecoder("jpeg-js"), await openDecoder("sharp")];
    const expected = await pure.decode(bytes, "x.png");
    expect(expected).toMatchObject({ width: 13, height: 7 });
    const found = await sharp.decode(bytes, "x.png");
    expect(Buffer.from(found.pixels).equals(Buffer.from(expected.pixels))).toBe(true);
  });

  it("agree on a JPEG but for rounding, and the data set says which one it was", async () => {
    const smooth = { width: 16, height: 16, pixels: Uint8Array.from({ length: 768 }, (_, i) => 40 + (i % 48) * 3 + Math.floor(i / 48)) };
    const folder = await folderOf({ "a/1.jpg": encode({ width: 16, height: 16, data: rgba(smooth) }, 100).data });
    const [pure, sharp] = await Promise.all((["jpeg-js", "sharp"] as const).map((decoder) => imageFolderDataset(folder, { decoder })));
    expect([pure.jpegDecoder, sharp.jpegDecoder]).toEqual(["jpeg-js", "sharp"]);
    const [p, s] = [(await pure.read([0])).inputs.values, (await sharp.read([0])).inputs.values];
    const apart = Array.from(p, (value, i) => Math.abs(value - s[i]) * 255);
    expect(Math.max(...apart)).toBeLessThan(8);
    expect(apart.reduce((sum, value) => sum + value, 0) / apart.length).toBeLessThan(2);
  });
});

describe("bringing images to a size", () => {
  it("keeps what fits, and a flat colour whatever the size", () => {
    const picture = noise(5, 4, 1);
    expect(fitted(picture, { height: 4, width: 5 })).toBe(picture);
    const flat = { width: 9, height: 6, pixels: new Uint8Array(162).fill(77) };
    for (const [height, width] of [
      [3, 3],
      [6, 2],
      [20, 31],
    ])
      expect(new Set(fitted(flat, { height, width }).pixels)).toEqual(new Set([77]));
  });

  it("cuts out the middle and weighs pixels by a triangle", () => {
    const row = (values: readonly number[]) => ({
      width: values.length,
      height: 1,
      pixels: Uint8Array.from(values.flatMap((value) => [value, value, value])),
    });
    // 1 x 5 to 1 x 1: the middle pixel alone.
    expect([...fitted(row([9, 9, 50, 9, 9]), { height: 1, width: 1 }).pixels]).toEqual([50, 50, 50]);
    // 2 x 4 to 1 x 2: centres 1 and 3, weights 1/8 : 3/8 : 3/8 : 1/8, at the ends renormalised without what lies outside.
    const tall = { width: 4, height: 2, pixels: Uint8Array.from([0, 80, 160, 240, 0, 80, 160, 240].flatMap((value) => [value, value, value])) };
    const first = (3 * 80 + 160) / 7;
    const second = (80 + 3 * 160 + 3 * 240) / 7;
    expect([...fitted(tall, { height: 1, width: 2 }).pixels]).toEqual([first, first, first, second, second, second].map(Math.round));
    // 1 x 2 to 2 x 4: bilinear.
    expect([...fitted(row([0, 100]), { height: 2, width: 4 }).pixels].filter((_, i) => i % 3 === 0)).toEqual([0, 25, 75, 100, 0, 25, 75, 100]);
  });

  it("has the brightness of ITU-R 601", () => {
    expect([...greyOf({ width: 5, height: 1, pixels: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 13, 13, 13]) })]).toEqual([
      76, 150, 29, 255, 13,
    ]);
  });
});

it("orders names as a person counts", () => {
  expect(["b", "a10", "a9", "a09", "a", "10", "9", "a9b"].toSorted(naturalOrder)).toEqual(["9", "10", "a", "a09", "a9", "a9b", "a10", "b"]);
});

it("the cache keeps what came first, up to its limit", () => {
  const cache = createPixelCache(10);
  cache.set(0, new Uint8Array(6));
  cache.set(1, new Uint8Array(6));
  cache.set(2, new Uint8Array(4));
  expect([0, 1, 2].map((position) => cache.get(position)?.length)).toEqual([6, undefined, 4]);
});
