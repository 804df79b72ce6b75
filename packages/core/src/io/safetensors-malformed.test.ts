import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLetheError } from "../errors/index.ts";
import { errorCode } from "./fixtures/error-code.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.byteLength + data.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.byteLength);
  return bytes;
}

const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({ dtype, shape, data_offsets: [begin, end] });
const four = new Uint8Array(4);
const codeOf = (header: unknown, data = four) =>
  errorCode(() => decodeSafetensors(fileOf(typeof header === "string" ? header : JSON.stringify(header), data)));

describe("decodeSafetensors of malformed bytes", () => {
  it("reads the well-formed base of these cases", () => {
    expect(codeOf({ w: entry("F32", [1], 0, 4) })).toBeUndefined();
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["less than a length", new Uint8Array(7)],
    ["a length and no header", new Uint8Array(8)],
    ["a header beyond the end", fileOf('{"a"').with(0, 200)],
    ["data beyond the end", fileOf(JSON.stringify({ w: entry("F32", [2], 0, 8) }), four)],
  ])("calls %s truncated", (_, bytes) => {
    expect(errorCode(() => decodeSafetensors(bytes))).toBe("safetensors/truncated");
  });

  it.each([
    ["another kind of file", new TextEncoder().encode("PK\u0003\u0004 some archive that is long enough")],
    ["a length above the limit", fileOf("{}").with(7, 1)],
    ["a header that is not UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
    ["a header that is not JSON", fileOf("{w: 1}")],
    ["text behind the JSON", fileOf("{} x")],
    ["an array", fileOf("[]")],
  ])("calls %s a bad header", (_, bytes) => {
    expect(errorCode(() => decodeSafetensors(bytes))).toBe("safetensors/bad-header");
  });

  it.each([
    ["an entry that is no object", { w: 5 }],
    ["an entry that is an array", { w: [] }],
    ["no dtype", { w: { shape: [1], data_offsets: [0, 4] } }],
    ["no shape", { w: { dtype: "F32", data_offsets: [0, 4] } }],
    ["a negative size", { w: entry("F32", [-1], 0, 4) }],
    ["a fractional size", { w: entry("F32", [0.5], 0, 4) }],
    ["a size beyond exact integers", { w: entry("F32", [2 ** 53], 0, 4) }],
    ["a size that is text", { w: entry("F32", ["1"], 0, 4) }],
    ["no offsets", { w: { dtype: "F32", shape: [1] } }],
    ["one offset", { w: { dtype: "F32", shape: [1], data_offsets: [0] } }],
    ["a negative offset", { w: entry("F32", [1], -4, 0) }],
    ["falling offsets", { w: entry("F32", [1], 4, 0) }],
    ["metadata that is text", { __metadata__: "x" }],
    ["a metadata value that is a number", { __metadata__: { x: 1 } }],
  ])("calls %s a bad header", (_, header) => {
    expect(codeOf(header)).toBe("safetensors/bad-header");
  });

  it("refuses sizes whose product overflows, before anything is allocated", () => {
    expect(codeOf({ w: entry("F32", [2 ** 40, 2 ** 40], 0, 4) })).toBe("safetensors/bad-shape");
    expect(codeOf({ w: entry("F32", [2 ** 40, 2 ** 40, 0], 0, 4) })).toBe("safetensors/bad-shape");
    expect(codeOf({ w: entry("F64", [2 ** 51], 0, 4) })).toBe("safetensors/bad-shape");
    expect(codeOf({ w: entry("F32", [2 ** 45], 0, 4) })).toBe("safetensors/size-mismatch");
  });

  it("refuses bytes that do not fit the shape", () => {
    expect(codeOf({ w: entry("F32", [2], 0, 4) })).toBe("safetensors/size-mismatch");
    expect(codeOf({ w: entry("F64", [], 0, 4) })).toBe("safetensors/size-mismatch");
    expect(codeOf({ w: entry("F32", [0], 0, 4) })).toBe("safetensors/size-mismatch");
  });

  it("refuses shared bytes, holes and bytes of no tensor", () => {
    expect(codeOf({ a: entry("U8", [3], 0, 3), b: entry("U8", [2], 2, 4) })).toBe("safetensors/overlap");
    expect(codeOf({ a: entry("F32", [1], 0, 4), b: entry("F32", [1], 0, 4) })).toBe("safetensors/overlap");
    expect(codeOf({ a: entry("U8", [4], 0, 4), b: entry("U8", [0], 2, 2) })).toBe("safetensors/overlap");
    expect(codeOf({ a: entry("U8", [1], 0, 1), b: entry("U8", [2], 2, 4) })).toBe("safetensors/hole");
    expect(codeOf({ a: entry("U8", [3], 0, 3) })).toBe("safetensors/hole");
    expect(codeOf({})).toBe("safetensors/hole");
  });

  it("reads empty tensors at the border of others", () => {
    expect(
      codeOf({ a: entry("U8", [0], 0, 0), b: entry("U8", [2], 0, 2), c: entry("F64", [0, 9], 2, 2), d: entry("U8", [2], 2, 4) }),
    ).toBeUndefined();
  });

  it("refuses names that are stated twice, which parsers resolve differently", () => {
    const one = JSON.stringify(entry("F32", [1], 0, 4));
    expect(codeOf(`{"w":${one},"\\u0077":${JSON.stringify(entry("U8", [4], 0, 4))}}`)).toBe("safetensors/duplicate-name");
    expect(codeOf('{"w":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}')).toBe("safetensors/duplicate-name");
  });

  it("refuses names that would change a prototype, and changes none", () => {
    expect(codeOf(`{"__proto__":${JSON.stringify(entry("F32", [1], 0, 4))}}`)).toBe("safetensors/bad-name");
    expect(codeOf(`{"__metadata__":{"__proto__":"x"},"w":${JSON.stringify(entry("F32", [1], 0, 4))}}`)).toBe("safetensors/bad-name");
    expect(codeOf(`{"\\ud800":${JSON.stringify(entry("F32", [1], 0, 4))}}`)).toBe("safetensors/bad-name");
    expect(codeOf({ constructor: entry("F32", [1], 0, 4) })).toBeUndefined();
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it("names types it cannot read and integers that do not fit", () => {
    expect(codeOf({ w: entry("F8_E4M3", [4], 0, 4) })).toBe("safetensors/unsupported-type");
    expect(codeOf({ w: entry("constructor", [4], 0, 4) })).toBe("safetensors/unsupported-type");
    expect(codeOf({ w: entry("U32", [1], 0, 4) }, new Uint8Array(4).fill(255))).toBe("safetensors/out-of-range");
  });

  it("says which file and which tensor", () => {
    const bytes = fileOf(JSON.stringify({ "fc/w": entry("F32", [2], 0, 4) }), four);
    expect(() => decodeSafetensors(bytes, "/data/model.safetensors")).toThrow(
      /fc\/w of \/data\/model\.safetensors has 4 bytes where F32 \[2\] needs 8/,
    );
  });
});

describe("decodeSafetensors of hostile bytes", () => {
  /** A result that reads back the same, or a LetheError: nothing else may come out. */
  function readsOrRefuses(bytes: Uint8Array): "read" | "refused" {
    try {
      const { tensors, metadata } = decodeSafetensors(bytes);
      const again = decodeSafetensors(encodeSafetensors(tensors, metadata));
      expect(Object.keys(again.tensors)).toEqual(Object.keys(tensors));
      return "read";
    } catch (error) {
      if (!isLetheError(error)) throw error;
      expect(error.code).toMatch(/^safetensors\//);
      return "refused";
    }
  }

  const valid = encodeSafetensors(
    {
      "a/kernel": { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
      "b/bias": { shape: [], values: Float64Array.of(0.5) },
      c: { shape: [3], values: Uint8Array.of(1, 2, 3) },
    },
    { version: "1" },
  );

  it("survives changed, cut and inserted bytes", () => {
    const seen = new Set<string>();
    const change = fc.record({ kind: fc.constantFrom("set", "cut", "insert", "repeat"), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        let bytes = [...valid];
        for (const { kind, at, value } of changes) {
          const i = at % bytes.length;
          if (kind === "set") bytes[i] = value;
          else if (kind === "cut") bytes = bytes.slice(0, Math.max(1, i));
          else if (kind === "insert") bytes.splice(i, 0, value);
          else bytes.splice(i, 0, ...bytes.slice(i, i + value));
        }
        seen.add(readsOrRefuses(Uint8Array.from(bytes)));
      }),
      { numRuns: 3000 },
    );
    // A fuzz that only ever met one of the two would have tested little.
    expect(seen.size).toBe(2);
  });

  it("survives any JSON as a header", () => {
    const size = fc.oneof(fc.integer({ min: -1, max: 5 }), fc.constantFrom(2 ** 53, 1e300, null, "2"));
    const likely = fc.dictionary(
      fc.constantFrom("a", "b", "__metadata__", "__proto__"),
      fc.record(
        {
          dtype: fc.constantFrom("F32", "U8", "F64", "I64", "X"),
          shape: fc.array(size, { maxLength: 3 }),
          data_offsets: fc.array(size, { maxLength: 3 }),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(fc.oneof(likely, fc.jsonValue()), fc.uint8Array({ maxLength: 16 }), (header, data) => {
        readsOrRefuses(fileOf(JSON.stringify(header), data));
      }),
      { numRuns: 2000 },
    );
  });

  it("survives arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void readsOrRefuses(bytes)));
  });
});
