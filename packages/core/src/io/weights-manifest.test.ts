import { describe, expect, it } from "vitest";
import { errorCode } from "./fixtures/error-code.ts";
import { isPathInside } from "./relative-path.ts";
import { readWeightsManifest } from "./weights-manifest.ts";

const weight = { name: "dense/kernel", shape: [2, 3], dtype: "float32" };
const codeOf = (manifest: unknown) => errorCode(() => readWeightsManifest(manifest, "model.json"));
const withWeight = (changes: object) => [{ paths: ["weights.bin"], weights: [{ ...weight, ...changes }] }];
const bytesOf = (changes: object) => readWeightsManifest(withWeight(changes), "model.json")[0].bytes;

describe("readWeightsManifest", () => {
  it("counts the bytes of plain and quantized weights", () => {
    expect(bytesOf({})).toBe(24);
    expect(bytesOf({ shape: [] })).toBe(4);
    expect(bytesOf({ shape: [0, 5] })).toBe(0);
    expect(bytesOf({ dtype: "int32" })).toBe(24);
    expect(bytesOf({ dtype: "bool" })).toBe(6);
    expect(bytesOf({ quantization: { dtype: "uint8", min: 0, scale: 1 } })).toBe(6);
    expect(bytesOf({ dtype: "int32", quantization: { dtype: "uint16", min: 0, scale: 1 } })).toBe(12);
    expect(bytesOf({ quantization: { dtype: "float16", original_dtype: "float32" } })).toBe(12);
  });

  it("keeps groups apart and in order", () => {
    const groups = readWeightsManifest(
      [
        { paths: ["a", "sub/b"], weights: [weight, { ...weight, name: "x" }] },
        { paths: ["c"], weights: [] },
      ],
      "model.json",
    );
    expect(groups.map(({ paths, bytes }) => [paths, bytes])).toEqual([
      [["a", "sub/b"], 48],
      [["c"], 0],
    ]);
  });

  it("refuses a model without weights, which tfjs would fill with random ones", () => {
    expect(codeOf(undefined)).toBe("model/no-weights");
    expect(codeOf(null)).toBe("model/no-weights");
  });

  it.each([
    ["no array", {}],
    ["a group that is null", [null]],
    ["a group without paths", [{ weights: [] }]],
    ["a group without weights", [{ paths: [] }]],
    ["a path that is a number", [{ paths: [1], weights: [] }]],
    ["a weight that is text", [{ paths: [], weights: ["x"] }]],
    ["a weight without a name", withWeight({ name: undefined })],
    ["a weight named as a prototype", withWeight({ name: "__proto__" })],
    ["no shape", withWeight({ shape: undefined })],
    ["a free axis", withWeight({ shape: [null, 3] })],
    ["a negative size", withWeight({ shape: [-2, -3] })],
    ["more elements than can be counted", withWeight({ shape: [2 ** 40, 2 ** 40] })],
    ["a quantization that is text", withWeight({ quantization: "uint8" })],
    ["a quantization without scale", withWeight({ quantization: { dtype: "uint8", min: 0 } })],
    ["a quantization with text for min", withWeight({ quantization: { dtype: "uint16", min: "0", scale: 1 } })],
    ["a weight listed twice", [{ paths: [], weights: [weight, weight] }]],
  ])("refuses %s", (_, manifest) => {
    expect(codeOf(manifest)).toBe("model/bad-manifest");
  });

  it.each([
    ["text", { dtype: "string" }],
    ["complex numbers", { dtype: "complex64" }],
    ["an inherited word", { dtype: "constructor" }],
    ["no type", { dtype: undefined }],
    ["an unknown quantization", { quantization: { dtype: "uint4", min: 0, scale: 1 } }],
    ["half integers", { dtype: "int32", quantization: { dtype: "float16" } }],
  ])("refuses weights of %s", (_, changes) => {
    expect(codeOf(withWeight(changes))).toBe("model/unsupported-weight-type");
  });

  it.each(["../weights.bin", "a/../../b", "/etc/passwd", "C:\\weights.bin", "a\\b", "file://x", "https://host/w", "", ".", "a//b", "a\0b"])(
    "refuses the path %j",
    (path) => {
      expect(codeOf([{ paths: [path], weights: [] }])).toBe("model/unsafe-path");
      expect(isPathInside(path)).toBe(false);
    },
  );

  it.each(["weights.bin", "group1-shard1of2.bin", "a/b.bin", "..a", "a..b", "...", ".hidden"])("accepts the path %j", (path) => {
    expect(isPathInside(path)).toBe(true);
  });
});
