import { createRandom } from "@lethe/core";
import { describe, expect, it } from "vitest";
import { decodeDifference, encodeDifference } from "./difference-code.ts";

const random = createRandom("differences");
const normals = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * random.normal());

describe("the code of differences", () => {
  it("gives every difference back to the bit, whatever the numbers", async () => {
    const before = Float32Array.of(0, 1, -0, 1e-30, 3.4e38, Number.NaN, 0.1, -2, 0, Infinity);
    const after = Float32Array.of(-0, 1 + 2 ** -23, 0, 1e30, -3.4e38, 1, 0.2, -2, 1e-45, 1);
    const differences = await decodeDifference(await encodeDifference(after, before), 10);
    expect(differences).toEqual(Float64Array.from(after, (value, i) => value - before[i]));
    expect(await decodeDifference(await encodeDifference([], []), 0)).toEqual(new Float64Array(0));
  });

  it("leads from after to before, where float64 has the digits for both", async () => {
    const before = normals(2000, 0.05);
    const after = before.map((value, i) => value + 10 ** -(i % 8) * random.normal());
    const differences = (await decodeDifference(await encodeDifference(after, before), 2000))!;
    expect(after.map((value, i) => value - differences[i])).toEqual(before);
  });

  it("takes fewer bytes for small steps, and next to none for no step", async () => {
    const before = normals(5000, 0.05);
    const bytes = async (step: number) =>
      (
        await encodeDifference(
          before.map((value) => value + step * random.normal()),
          before,
        )
      ).length;
    const [large, small, none] = [await bytes(0.01), await bytes(1e-5), await bytes(0)];
    expect(large).toBeLessThan(before.byteLength);
    expect(small).toBeLessThan(0.7 * before.byteLength);
    expect(none).toBeLessThan(100);
  });

  it("knows what it has not written", async () => {
    const bytes = await encodeDifference(normals(50, 1), normals(50, 1));
    expect(await decodeDifference(bytes, 49)).toBeUndefined();
    expect(await decodeDifference(bytes, 51)).toBeUndefined();
    expect(await decodeDifference(bytes.slice(0, -5), 50)).toBeUndefined();
    expect(await decodeDifference(Uint8Array.of(7, 7, 7), 50)).toBeUndefined();
  });
});
