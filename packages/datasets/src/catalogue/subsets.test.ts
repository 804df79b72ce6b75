import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { arrayDataset } from "@lethe/core";
import { hashOfIds, hashOrder } from "./hash-order.ts";
import { fixedSubset } from "./subsets.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("choices of samples", () => {
  const data = arrayDataset({ inputs: new Float32Array(8), inputShape: [1], labels: [0, 0, 0, 0, 1, 1, 1, 1], ids: [..."abcdefgh"] });

  it("follow the order of SHA-256, as any program finds it", () => {
    const keyOf = (id: string) => createHash("sha256").update(`k ${id}`).digest("hex");
    expect(hashOrder(data.ids, "k").map((position) => data.ids[position])).toEqual(
      [...data.ids].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))),
    );
    expect(hashOrder(["a", "b", "c"], "seed-1")).toEqual([2, 0, 1]);
    expect(hashOrder(data.ids, "k")).not.toEqual(hashOrder(data.ids, "l"));
  });

  it("are balanced, in the order of the data, and compared with the hash on record", () => {
    const order = hashOrder(data.ids, "k");
    const expected = [...order.filter((p) => p < 4).slice(0, 2), ...order.filter((p) => p >= 4).slice(0, 2)].toSorted((a, b) => a - b);
    const ids = expected.map((position) => data.ids[position]);
    const choice = { name: "some", key: "k", take: { perClass: 2 }, idsSha256: hashOfIds(ids) };
    expect(fixedSubset(data, choice)).toMatchObject({ name: "some", ids, labels: Int32Array.of(0, 0, 1, 1) });
    expect(() => fixedSubset(data, { ...choice, take: { perClass: 3 } })).toThrow(code("data/changed"));
    const next = [...order.filter((p) => p < 4).slice(2), ...order.filter((p) => p >= 4).slice(2)].toSorted((a, b) => a - b);
    const others = next.map((position) => data.ids[position]);
    expect(fixedSubset(data, { ...choice, take: { perClass: 2, after: 2 }, idsSha256: hashOfIds(others) }).ids).toEqual(others);
    const rest = order
      .slice(3)
      .toSorted((a, b) => a - b)
      .map((position) => data.ids[position]);
    expect(fixedSubset(data, { ...choice, take: { from: 3, to: 8 }, idsSha256: hashOfIds(rest) }).ids).toEqual(rest);
  });
});
