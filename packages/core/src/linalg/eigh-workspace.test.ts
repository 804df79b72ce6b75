import { afterEach, describe, expect, it, vi } from "vitest";
import { createWorkspace } from "./eigh-workspace.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

function refuse(): never {
  throw new Error("refused to compile");
}

describe("createWorkspace", () => {
  it("hands out zeros that do not overlap, and no more than it has", () => {
    const workspace = createWorkspace(64, "plain");
    const [first, second] = [workspace.claim(5), workspace.claim(10)];
    expect(second - first).toBeGreaterThanOrEqual(5);
    expect(workspace.heap.every((value) => value === 0)).toBe(true);
    expect(() => workspace.claim(64)).toThrow(RangeError);
  });

  it.each([
    ["no WebAssembly", undefined],
    ["a policy against compiling", { Module: refuse }],
  ])("goes on in plain JavaScript where there is %s", async (_name, stub) => {
    vi.resetModules();
    vi.stubGlobal("WebAssembly", stub);
    const { heap, kernels } = (await import("./eigh-workspace.ts")).createWorkspace(32, "simd");
    heap.set([1, 2, 3, 4]);
    kernels.dots(0, 2, 8, 2, 1, 2);
    expect(heap[8]).toBe(11);
  });

  it.each(["plain", "simd"] as const)("says so where memory is refused, %s", (engine) => {
    expect(() => createWorkspace(2 ** 50, engine)).toThrow(expect.objectContaining({ code: "linalg/out-of-memory" }));
  });
});
