import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLetheError } from "@lethe/core";
import { readIdx, type IdxArray, type IdxValues } from "./idx.ts";

interface Kind {
  readonly code: number;
  readonly bytes: number;
  readonly create: (values: number[]) => IdxValues;
  readonly value: fc.Arbitrary<number>;
  readonly put: (view: DataView, offset: number, value: number) => void;
}

const kinds: Kind[] = [
  { code: 0x08, bytes: 1, create: (v) => Uint8Array.from(v), value: fc.integer({ min: 0, max: 255 }), put: (view, at, v) => view.setUint8(at, v) },
  { code: 0x09, bytes: 1, create: (v) => Int8Array.from(v), value: fc.integer({ min: -128, max: 127 }), put: (view, at, v) => view.setInt8(at, v) },
  {
    code: 0x0b,
    bytes: 2,
    create: (v) => Int16Array.from(v),
    value: fc.integer({ min: -32768, max: 32767 }),
    put: (view, at, v) => view.setInt16(at, v),
  },
  { code: 0x0c, bytes: 4, create: (v) => Int32Array.from(v), value: fc.integer(), put: (view, at, v) => view.setInt32(at, v) },
  { code: 0x0d, bytes: 4, create: (v) => Float32Array.from(v), value: fc.float(), put: (view, at, v) => view.setFloat32(at, v) },
  { code: 0x0e, bytes: 8, create: (v) => Float64Array.from(v), value: fc.double(), put: (view, at, v) => view.setFloat64(at, v) },
];

function writeIdx(kind: Kind, shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length * kind.bytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, kind.code, shape.length]);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  values.forEach((value, i) => kind.put(view, 4 + 4 * shape.length + i * kind.bytes, value));
  return bytes;
}

const anyFile = fc
  .record({ kind: fc.constantFrom(...kinds), shape: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }) })
  .chain(({ kind, shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return fc
      .array(kind.value, { minLength: count, maxLength: count })
      .map((values) => ({ kind, shape, values, bytes: writeIdx(kind, shape, values) }));
  });

const packedOrNot = fc.boolean().map((packed) => (bytes: Uint8Array) => (packed ? new Uint8Array(gzipSync(bytes)) : bytes));

describe("readIdx", () => {
  it("reads back every element type and rank, plain and gzipped", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, packedOrNot, async ({ kind, shape, values, bytes }, pack) => {
        expect(await readIdx(pack(bytes))).toEqual({ shape, values: kind.create(values) } satisfies IdxArray);
      }),
    );
  });

  it("reads from the middle of a larger buffer", async () => {
    const file = writeIdx(kinds[3], [2], [-7, 70_000]);
    const larger = new Uint8Array(file.length + 10).fill(9);
    larger.set(file, 5);
    expect(await readIdx(larger.subarray(5, 5 + file.length))).toEqual({ shape: [2], values: Int32Array.from([-7, 70_000]) });
  });

  it("owns its values", async () => {
    const file = writeIdx(kinds[0], [2], [1, 2]);
    const { values } = await readIdx(file);
    file.fill(0);
    expect(values).toEqual(Uint8Array.from([1, 2]));
  });

  it("finds every truncation", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, packedOrNot, fc.nat(), async ({ bytes }, pack, cut) => {
        const length = cut % bytes.length;
        await expect(readIdx(pack(bytes.slice(0, length)), { source: "some.idx" })).rejects.toMatchObject({
          code: "data/truncated",
          message: expect.stringContaining("some.idx"),
          details: { found: length },
        });
      }),
    );
  });

  it("finds bytes after the end", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, packedOrNot, fc.integer({ min: 1, max: 9 }), async ({ bytes }, pack, extra) => {
        const longer = new Uint8Array(bytes.length + extra);
        longer.set(bytes);
        await expect(readIdx(pack(longer))).rejects.toMatchObject({ code: "data/over-long", details: { expected: bytes.length } });
      }),
    );
  });

  it("tells a foreign file from an unknown element type", async () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    await expect(readIdx(png)).rejects.toMatchObject({ code: "data/bad-magic", details: { expected: "00 00", found: "89 50 4e 47" } });
    await expect(readIdx(Uint8Array.from([0, 0, 0x0a, 1, 0, 0, 0, 0]))).rejects.toMatchObject({
      code: "data/unknown-element-type",
      details: { found: "0a" },
    });
    await expect(readIdx(new Uint8Array(0))).rejects.toMatchObject({ code: "data/truncated", details: { expected: 4, found: 0 } });
  });

  it("refuses shapes no array can have before it allocates anything", async () => {
    const huge = writeIdx(kinds[5], [0xffffffff, 0xffffffff, 0xffffffff], []);
    await expect(readIdx(huge)).rejects.toMatchObject({ code: "data/absurd-shape" });
    const overflowing = writeIdx(
      kinds[0],
      Array.from({ length: 255 }, () => 0xffffffff),
      [],
    );
    await expect(readIdx(overflowing)).rejects.toMatchObject({ code: "data/absurd-shape" });
    expect((await readIdx(writeIdx(kinds[0], [0, 0xffffffff, 0xffffffff], []))).values).toHaveLength(0);
  });

  it("stops unpacking a file that goes on far beyond its stated end", async () => {
    const bomb = new Uint8Array(64 * 1024 * 1024);
    bomb.set(writeIdx(kinds[0], [3], [1, 2, 3]));
    const error = await readIdx(new Uint8Array(gzipSync(bomb))).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "data/over-long" });
    expect((error as { details: { found: number } }).details.found).toBeLessThan(1024 * 1024);
  });

  it("checks the gzip sum of a file that is as long as it should be", async () => {
    const packed = new Uint8Array(gzipSync(writeIdx(kinds[0], [3], [1, 2, 3])));
    packed[packed.length - 8] ^= 1;
    await expect(readIdx(packed, { source: "a.gz" })).rejects.toMatchObject({ code: "data/bad-gzip", details: { source: "a.gz" } });
  });

  it("meets random damage with a LetheError or a well-formed array, never with anything else", async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyFile, packedOrNot, damage, fc.nat(), async ({ bytes }, pack, changes, cut) => {
        const file = pack(bytes);
        for (const [at, value] of changes) file[at % file.length] = value;
        await expectSound(cut % 3 === 0 ? file.subarray(0, cut % file.length) : file);
      }),
      { numRuns: 500 },
    );
  });

  it("meets arbitrary bytes likewise", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), expectSound), { numRuns: 300 });
    const startsRight = fc.uint8Array({ maxLength: 40 }).map((rest) => Uint8Array.from([0, 0, 0x08, ...rest]));
    await fc.assert(fc.asyncProperty(startsRight, expectSound), { numRuns: 300 });
  });
});

async function expectSound(bytes: Uint8Array): Promise<void> {
  try {
    const { shape, values } = await readIdx(bytes);
    expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
  } catch (error) {
    if (!isLetheError(error)) throw error;
    expect(error.code).toMatch(/^data\/(bad-magic|unknown-element-type|absurd-shape|truncated|over-long|bad-gzip)$/);
  }
}
