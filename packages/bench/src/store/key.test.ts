import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "@lethe/core";
import { canonicalJson, keyOf } from "./key.ts";

const json = fc.jsonValue() as fc.Arbitrary<Json>;

/** The same value with the fields of every object in the opposite order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value as { readonly [name: string]: Json });
  return Object.fromEntries(fields.toReversed().map(([name, field]) => [name, reversed(field)]));
}

const roundTrip = (value: Json): unknown => JSON.parse(JSON.stringify(value));

describe("canonicalJson", () => {
  test("is JSON of the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(roundTrip(value));
      }),
    );
  });

  test("knows no order of fields, but that of lists", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("tells any two values apart", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isDeepStrictEqual(roundTrip(a), roundTrip(b)));
      }),
    );
    const tricky: Json[] = [
      { a: 1, b: 2 },
      { a: [1, { b: 2 }] },
      "a",
      ["a"],
      { a: null },
      {},
      [],
      null,
      "null",
      1,
      "1",
      Infinity,
      -Infinity,
      NaN,
      "NaN",
    ];
    expect(new Set(tricky.map(canonicalJson)).size).toBe(tricky.length);
  });

  test("leaves out fields without a value, as JSON does", () => {
    expect(canonicalJson({ b: 1, a: undefined } as unknown as Json)).toBe('{"b":1}');
  });
});

test("a key is 32 hexadecimal digits, the same in every release", async () => {
  expect(await keyOf({ b: [1, { d: null, c: "x" }], a: 2 })).toBe(await keyOf({ a: 2, b: [1, { c: "x", d: null }] }));
  expect(await keyOf({ kind: "train", seed: 1 })).toBe("8d28b6e5e94424d463808b4a03881188");
});
