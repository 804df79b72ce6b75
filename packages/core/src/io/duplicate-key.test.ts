import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDuplicateKey } from "./duplicate-key.ts";

describe("findDuplicateKey", () => {
  it("finds a key stated twice in one object, also where its escapes differ", () => {
    expect(findDuplicateKey('{"a":1,"b":{"c":2,"c":3}}')).toBe("c");
    expect(findDuplicateKey('{"w":1,\n "\\u0077" : 2}')).toBe("w");
    expect(findDuplicateKey('[{"a":1},{"a":{"b":"x","b":[]}}]')).toBe("b");
    expect(findDuplicateKey('{"":1,"":2}')).toBe("");
  });

  it("does not mistake values, siblings and nested objects for repetitions", () => {
    expect(findDuplicateKey('{"a":"a","b":["a","a"],"c":{"a":1},"d":[{"a":1},{"a":2}]}')).toBeUndefined();
    expect(findDuplicateKey('{"a":"\\"b\\":{","b":"}"}')).toBeUndefined();
  });

  it("finds none in whatever JSON.stringify writes, and the one that is added to it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }), fc.nat(), (object, pick) => {
        const text = JSON.stringify(object);
        expect(findDuplicateKey(text)).toBeUndefined();
        const keys = Object.keys(object);
        const key = keys[pick % keys.length];
        expect(findDuplicateKey(`${text.slice(0, -1)},${JSON.stringify(key)}:0}`)).toBe(key);
      }),
    );
  });

  it("reads a text of a million strings in linear time", () => {
    const text = JSON.stringify({ long: '"'.repeat(2_000_000), list: Array.from({ length: 300_000 }, String) });
    expect(findDuplicateKey(text)).toBeUndefined();
  });
});
