import { describe, expect, it } from "vitest";
import { createRandom } from "../random/index.ts";
import { multiplyAdd, packingLength } from "./eigh-product.ts";
import { createWorkspace, type Engine, type Workspace } from "./eigh-workspace.ts";

const numbers = 20_000;

function filled(engine: Engine): Workspace {
  const workspace = createWorkspace(numbers, engine);
  const random = createRandom("kernels");
  for (let i = 0; i < numbers; i++) workspace.heap[i] = random.normal();
  return workspace;
}

/** Runs on both engines and returns the largest difference anywhere on the heap: a stray write shows as well as a wrong sum. */
function difference(work: (workspace: Workspace) => void): number {
  const [simd, plain] = [filled("simd"), filled("plain")];
  work(simd);
  work(plain);
  const before = filled("plain").heap;
  expect(plain.heap).not.toEqual(before);
  return plain.heap.reduce((largest, value, i) => Math.max(largest, Math.abs(value - simd.heap[i])), 0);
}

describe.each([1, 2, 3, 4, 5, 7, 8, 9, 16, 31])("SIMD kernels as their plain twins at %i", (size) => {
  const stride = 37;

  it("triangle", () => {
    const work = ({ heap, kernels }: Workspace) => {
      for (let i = 0; i < size; i++) heap.fill(0, i * stride + size, i * stride + size + 3);
      kernels.triangle(0, stride, 5000, 6000, size);
    };
    expect(difference(work)).toBeLessThan(1e-13);
  });

  it("dots and combine", () => {
    expect(difference(({ kernels }) => kernels.dots(1, stride, 5000, 6000, size, 11))).toBeLessThan(1e-13);
    expect(difference(({ kernels }) => kernels.dots(1, stride, 5000, 6000, 7, size))).toBeLessThan(1e-13);
    expect(difference(({ kernels }) => kernels.combine(1, stride, 5000, 6000, size, 11))).toBeLessThan(1e-13);
    expect(difference(({ kernels }) => kernels.combine(1, stride, 5000, 6000, 7, size))).toBeLessThan(1e-13);
  });

  it("rotate", () => {
    const work = ({ heap, kernels }: Workspace) => {
      for (let i = 0; i < size; i++) heap.set([i * 256, ((i + 1 + (i % 3)) % 40) * 256, Math.cos(i), Math.sin(i)], 8000 + 4 * i);
      kernels.rotate(8000, 1000, size);
    };
    expect(difference(work)).toBeLessThan(1e-13);
  });

  it("product", () => {
    expect(difference(({ kernels }) => kernels.product(1, stride, 5000, 7001, stride, size, 3, 10))).toBeLessThan(1e-13);
    expect(difference(({ kernels }) => kernels.product(1, stride, 5000, 7001, stride, 6, 2, size))).toBeLessThan(1e-13);
  });
});

describe.each(["plain", "simd"] as const)("multiplyAdd, %s", (engine) => {
  it.each([
    ["as-is", 3, 5, 7, 1],
    ["transposed", 6, 9, 4, -1],
    ["as-is", 5, 530, 2, -1],
    ["transposed", 2, 3, 600, 1],
    ["as-is", 4, 515, 259, 1],
  ] as const)("is the sum of products, %s %i x %i x %i", (layout, rows, columns, depth, factor) => {
    const random = createRandom("product");
    const [aStride, bStride, cStride] = [depth + 1, (layout === "as-is" ? columns : depth) + 2, columns + 3];
    const lengths = [rows * aStride, (layout === "as-is" ? depth : columns) * bStride, rows * cStride];
    const packed = packingLength(depth, columns);
    const workspace = createWorkspace(packed + lengths[0] + lengths[1] + lengths[2] + 64, engine);
    const packing = workspace.claim(packed);
    const [a, b, c] = lengths.map((length) => workspace.claim(length));
    const { heap } = workspace;
    for (let i = packing + packed; i < heap.length; i++) heap[i] = random.normal();
    const before = heap.slice();
    multiplyAdd(workspace, {
      a: { at: a, stride: aStride },
      b: { at: b, stride: bStride },
      layout,
      c: { at: c, stride: cStride },
      rows,
      columns,
      depth,
      factor,
      packing,
    });
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) sum += before[a + i * aStride + k] * before[layout === "as-is" ? b + k * bStride + j : b + j * bStride + k];
        const at = c + i * cStride + j;
        expect(Math.abs(heap[at] - before[at] - factor * sum)).toBeLessThan(1e-12);
      }
      const gap = [c + i * cStride + columns, c + (i + 1) * cStride] as const;
      expect(heap.subarray(...gap)).toEqual(before.subarray(...gap));
    }
  });
});
