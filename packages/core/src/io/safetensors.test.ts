import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashTree, type HostArray, type HostTree } from "../tree/index.ts";
import { errorCode } from "./fixtures/error-code.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const arrays = [Float64Array, Float32Array, Int32Array, Uint8Array] as const;

/** Any bits, NaN patterns and -0 included, in a view that starts anywhere in its buffer. */
const hostTensor = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    array: fc.constantFrom(...arrays),
    seed: fc.integer(),
    lead: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ shape, array, seed, lead }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = Uint8Array.from({ length: (count + lead) * array.BYTES_PER_ELEMENT }, (_, i) => (seed >>> (i % 24)) * 31 + i * 17);
    return { shape, values: new array(bytes.buffer, lead * array.BYTES_PER_ELEMENT, count) as HostArray };
  });

const tensorName = fc
  .oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom("constructor", "toString", "hasOwnProperty", "a/b"))
  .filter((name) => !["__proto__", "__metadata__"].includes(name));

const text = fc.string({ unit: "binary", maxLength: 20 });
const hostTree: fc.Arbitrary<HostTree> = fc.dictionary(tensorName, hostTensor, { maxKeys: 6, noNullPrototype: true });
const anyMetadata = fc.dictionary(
  text.filter((key) => key !== "__proto__"),
  text,
  { maxKeys: 4, noNullPrototype: true },
);

function bitsOf(tree: HostTree): readonly unknown[] {
  return Object.entries(tree).map(([name, { shape, values }]) => [
    name,
    [...shape],
    values.constructor.name,
    [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  ]);
}

describe("encodeSafetensors and decodeSafetensors", () => {
  it("run their example", () => {
    const bytes = encodeSafetensors({ "dense/kernel": { shape: [2, 1], values: Float32Array.of(1, 2) } }, { seed: "7" });
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(tensors["dense/kernel"].values).toEqual(Float32Array.of(1, 2));
    expect(metadata.seed).toBe("7");
  });

  it("give back every bit, name, shape and order", () => {
    fc.assert(
      fc.property(hostTree, anyMetadata, (tree, metadata) => {
        const content = decodeSafetensors(encodeSafetensors(tree, metadata));
        expect(bitsOf(content.tensors)).toEqual(bitsOf(tree));
        expect(content.metadata).toEqual(metadata);
      }),
      { numRuns: 300 },
    );
  });

  it("keep the hash of a tree", async () => {
    const tree = { "b/x": { shape: [], values: Float64Array.of(Math.PI) }, "a/y": { shape: [3], values: Uint8Array.of(1, 2, 3) } };
    expect(await hashTree(decodeSafetensors(encodeSafetensors(tree)).tensors)).toBe(await hashTree(tree));
  });

  it("write equal bytes for equal content, whatever the order of the metadata", () => {
    const tree = { x: { shape: [1], values: Int32Array.of(5) } };
    expect(encodeSafetensors(tree, { a: "1", b: "2" })).toEqual(encodeSafetensors({ ...tree }, { b: "2", a: "1" }));
  });

  it("align the data to 8 bytes and every tensor to its elements", () => {
    fc.assert(
      fc.property(hostTree, anyMetadata, (tree, metadata) => {
        const bytes = encodeSafetensors(tree, metadata);
        const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect((8 + headerBytes) % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))) as Record<string, { data_offsets: [number, number] }>;
        for (const [name, { values }] of Object.entries(tree)) {
          const [begin, end] = header[name].data_offsets;
          expect(begin % values.BYTES_PER_ELEMENT).toBe(0);
          expect(end - begin).toBe(values.byteLength);
        }
      }),
    );
  });

  it("read bytes that start anywhere, and own what they return", () => {
    const encoded = encodeSafetensors({ a: { shape: [2], values: Float64Array.of(1, 2) }, b: { shape: [1], values: Uint8Array.of(9) } });
    for (const copy of [new Uint8Array(encoded.byteLength + 3), Buffer.alloc(encoded.byteLength + 3)]) {
      copy.set(encoded, 3);
      const { tensors } = decodeSafetensors(copy.subarray(3));
      copy.fill(0xff);
      expect(tensors.a.values).toEqual(Float64Array.of(1, 2));
      expect(tensors.b.values).toEqual(Uint8Array.of(9));
    }
  });

  it("write the bytes that the format describes", () => {
    const bytes = encodeSafetensors({ w: { shape: [2], values: Uint8Array.of(7, 8) } }, { k: "v" });
    const header = '{"__metadata__":{"k":"v"},"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(bytes).toEqual(Uint8Array.of(padded.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(padded), 7, 8));
  });
});

describe("encodeSafetensors", () => {
  const scalar = { shape: [], values: Float32Array.of(1) };

  it("refuses what could not be read again", () => {
    expect(errorCode(() => encodeSafetensors({ x: { shape: [2], values: Float32Array.of(1) } }))).toBe("safetensors/bad-shape");
    expect(errorCode(() => encodeSafetensors({ x: { shape: [-1, -1], values: Float32Array.of(1) } }))).toBe("safetensors/bad-shape");
    expect(errorCode(() => encodeSafetensors({ x: { shape: [0.5, 2], values: Float32Array.of(1) } }))).toBe("safetensors/bad-shape");
    expect(errorCode(() => encodeSafetensors({ __metadata__: scalar }))).toBe("safetensors/bad-name");
    expect(errorCode(() => encodeSafetensors(Object.fromEntries([["__proto__", scalar]])))).toBe("safetensors/bad-name");
    expect(errorCode(() => encodeSafetensors({ "\ud800": scalar }))).toBe("safetensors/bad-name");
    expect(errorCode(() => encodeSafetensors({}, { key: "\udc00" }))).toBe("safetensors/bad-metadata");
    expect(errorCode(() => encodeSafetensors({}, { key: 5 as unknown as string }))).toBe("safetensors/bad-metadata");
    const wide = { shape: [1], values: BigInt64Array.of(1n) as unknown as HostArray };
    expect(errorCode(() => encodeSafetensors({ wide }))).toBe("safetensors/unsupported-type");
  });

  it("refuses a header that the reference implementation would not read", () => {
    expect(errorCode(() => encodeSafetensors({}, { big: "x".repeat(100_000_001) }))).toBe("safetensors/header-too-large");
  });
});

describe("decodeSafetensors", () => {
  it("reads a file of the reference implementation", () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(new URL("fixtures/reference.safetensors", import.meta.url)));
    expect(metadata).toEqual({ note: 'written by safetensors 0.8.0 "ü"' });
    expect(tensors).toEqual({
      "i/i64": { shape: [2], values: Int32Array.of(-1, 2147483647) },
      "z/f64": { shape: [2, 2], values: Float64Array.of(1.5, -2, Math.PI, 1e300) },
      "a/f32": { shape: [3], values: Float32Array.of(0.5, -0, Infinity) },
      "e/empty": { shape: [0, 4], values: new Float32Array(0) },
      "s/scalar": { shape: [], values: Float32Array.of(3.25) },
      "u/u32": { shape: [1], values: Int32Array.of(5) },
      "m/i32": { shape: [2, 1], values: Int32Array.of(-2147483648, 7) },
      "h/f16": { shape: [5], values: Float32Array.of(1, -2, 65504, 2 ** -24, 0.3330078125) },
      "u/u16": { shape: [1], values: Int32Array.of(65535) },
      "i/i8": { shape: [2], values: Int32Array.of(-128, 127) },
      "b/u8": { shape: [3], values: Uint8Array.of(0, 255, 3) },
      "b/bool": { shape: [3], values: Uint8Array.of(1, 0, 1) },
    });
  });
});
