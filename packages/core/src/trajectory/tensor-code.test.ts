import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRandom } from "../random/index.ts";
import { deflate, inflate } from "./deflate.ts";
import { decodeTensor, encodeTensor } from "./tensor-code.ts";

afterEach(() => vi.restoreAllMocks());

/** What a browser has: streams, and no modules of Node. */
const withoutNode = () => vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);

const special = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, 1.1754943e-38];
const specialBits = new Int32Array(Float32Array.from(special).buffer);
const patterns = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(...specialBits, 0x7fc00001, -1, -(2 ** 31)));
const pairs = fc.array(fc.tuple(patterns, fc.oneof(patterns, fc.constant(undefined))), { maxLength: 80 }).map((list) => ({
  values: Int32Array.from(list, ([value]) => value),
  // Undefined: near by, as it is in training.
  base: Int32Array.from(list, ([value, base], i) => base ?? value + (i % 5)),
}));

describe("encodeTensor", () => {
  it("gives back every bit", async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ({ values, base }) => {
        expect(await decodeTensor(await encodeTensor(values, base), values.length, base)).toEqual(values);
        expect(await decodeTensor(await encodeTensor(values, undefined), values.length, undefined)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  it("writes nothing where nothing changed, and where there are only zeros", async () => {
    const values = Int32Array.of(1, 2, 3);
    expect(await encodeTensor(values, values.slice())).toHaveLength(0);
    expect(await encodeTensor(new Int32Array(5), undefined)).toHaveLength(0);
    const decoded = await decodeTensor(new Uint8Array(0), 3, values);
    expect(decoded).toEqual(values);
    expect(decoded!.buffer).not.toBe(values.buffer);
    // Float zeros of either sign are different bits.
    expect(await encodeTensor(new Int32Array(Float32Array.of(-0).buffer), Int32Array.of(0))).not.toHaveLength(0);
  });

  it("takes a difference of n units in the last place in some log2 n bits, across zero and powers of two", async () => {
    const random = createRandom(1);
    const base = Int32Array.from({ length: 4096 }, (_, i) => new Int32Array(Float32Array.of((i % 64) - 32).buffer)[0]);
    const near = new Int32Array(Float32Array.from({ length: 4096 }, (_, i) => ((i % 64) - 32) * (1 + 2 ** -24 * random.integer(16))).buffer);
    expect((await encodeTensor(near, base)).length).toBeLessThan(base.byteLength / 5);
    const tiny = new Int32Array(Float32Array.from({ length: 4096 }, () => (random.integer(9) - 4) * 1.4e-45).buffer);
    const zeros = new Int32Array(4096);
    expect((await encodeTensor(tiny, zeros)).length).toBeLessThan(base.byteLength / 6);
  });

  it("needs 24 bits and the entropy of the exponent where there is no base", async () => {
    const random = createRandom(2);
    const normal = new Int32Array(Float32Array.from({ length: 20_000 }, () => random.normal()).buffer);
    const ratio = (await encodeTensor(normal, undefined)).length / normal.byteLength;
    // Sum over e of P(2^e <= |x| < 2^(e+1)) has an entropy of 2.6 bits: 26.6 of 32.
    expect(ratio).toBeLessThan(0.84);
    expect(ratio).toBeGreaterThan(0.83);
  });

  it("does not take a difference with a base that is no help", async () => {
    const random = createRandom(3);
    const normal = () => new Int32Array(Float32Array.from({ length: 20_000 }, () => random.normal()).buffer);
    const [values, base] = [normal(), normal()];
    const bytes = await encodeTensor(values, base);
    expect(bytes.length).toBeLessThan(0.84 * values.byteLength);
    expect(await decodeTensor(bytes, values.length, base)).toEqual(values);
  });

  it("is read in browsers as in Node, whoever wrote it", async () => {
    const values = Int32Array.from({ length: 3000 }, (_, i) => i * i);
    const base = Int32Array.from({ length: 3000 }, (_, i) => i * i + (i % 7));
    const byNode = await encodeTensor(values, base);
    withoutNode();
    const byBrowser = await encodeTensor(values, base);
    expect(await decodeTensor(byNode, 3000, base)).toEqual(values);
    vi.restoreAllMocks();
    expect(await decodeTensor(byBrowser, 3000, base)).toEqual(values);
  });
});

describe("decodeTensor of hostile bytes", () => {
  it("gives as many values as there should be, or nothing, and never throws", async () => {
    const values = Int32Array.from({ length: 50 }, (_, i) => i * 1001);
    const base = Int32Array.from(values, (value) => value + 3);
    const streams = [await encodeTensor(values, base), await encodeTensor(values, undefined)];
    const outcomes = new Set<boolean>();
    const change = fc.record({ kind: fc.constantFrom("set", "cut", "insert"), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...streams), fc.array(change, { minLength: 1, maxLength: 3 }), async (stream, changes) => {
        const bytes = [...stream];
        for (const { kind, at, value } of changes) {
          const i = at % Math.max(1, bytes.length);
          if (kind === "set") bytes[i] = value;
          else if (kind === "cut") bytes.length = i;
          else bytes.splice(i, 0, value);
        }
        for (const each of [base, undefined]) {
          const decoded = await decodeTensor(Uint8Array.from(bytes), 50, each);
          outcomes.add(decoded === undefined);
          if (decoded !== undefined) expect(decoded).toHaveLength(50);
        }
      }),
      { numRuns: 500 },
    );
    expect(outcomes.size).toBe(2);
  });

  it.each(["Node", "a browser"])("is not made to hold more than it should by %s", async (place) => {
    const bomb = await deflate(new Uint8Array(50_000_000));
    if (place === "a browser") withoutNode();
    expect(await inflate(bomb, 1000)).toBeUndefined();
    expect(await inflate(bomb.subarray(0, 20), 50_000_000)).toBeUndefined();
    expect(await inflate(await deflate(new Uint8Array(999)), 1000)).toBeUndefined();
    expect(await inflate(await deflate(new Uint8Array(0)), 0)).toEqual(new Uint8Array(0));
  });
});
