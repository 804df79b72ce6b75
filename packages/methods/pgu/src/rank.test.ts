import { describe, expect, it } from "vitest";
import { rankOf } from "./rank.ts";

describe("ranks, against values worked out by hand", () => {
  // Cumulative shares 1/2, 5/6, 1; of the squares 9/14, 13/14, 1.
  it.each([
    ["subset", 0.9, 2],
    ["class", 0.9, 3],
    ["depoison", 0.9, 2],
    ["gpm", 0.9, 1],
    ["subset", 0.5, 1],
    ["depoison", 0.5, 0],
    ["subset", 0, 0],
    ["class", 0, 1],
    ["gpm", 0.95, 2],
  ] as const)("%s at tau %d keeps %d", (rule, tau, expected) => {
    expect(rankOf([3, 2, 1], tau, rule)).toBe(expected);
  });

  it("never passes the dimension", () => {
    expect(rankOf([1, 1], 0.999999, "class")).toBe(2);
    expect(rankOf([1, 0, 0], 1, "class")).toBe(3);
  });

  it("protects nothing where there is nothing", () => {
    for (const rule of ["subset", "class", "depoison", "gpm"] as const) expect(rankOf([0, 0, 0], 0.9, rule)).toBe(0);
  });
});
