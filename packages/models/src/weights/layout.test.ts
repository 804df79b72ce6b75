import { describe, expect, it } from "vitest";
import { convolutionKernel, denseKernel, sameOrder, toOurs, toTheirs, type Layout } from "./layout.ts";

const counted = (length: number) => Float32Array.from({ length }, (_, i) => i);

describe("layouts", () => {
  it("put the kernel of a convolution's [y][x][input][filter] at [filter][input][y][x]", () => {
    const [height, width, inputs, filters] = [2, 3, 4, 5];
    const layout = convolutionKernel([height, width, inputs, filters]);
    const ours = counted(120);
    const theirs = toTheirs(ours, layout);
    expect(layout.shape).toEqual([filters, inputs, height, width]);
    for (let filter = 0; filter < filters; filter++)
      for (let input = 0; input < inputs; input++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const expected = ours[((y * width + x) * inputs + input) * filters + filter];
            expect(theirs[((filter * inputs + input) * height + y) * width + x]).toBe(expected);
          }
  });

  it("transpose dense kernels", () => {
    const layout = denseKernel([2, 3]);
    expect(layout.shape).toEqual([3, 2]);
    expect(toTheirs(Float32Array.of(1, 2, 3, 4, 5, 6), layout)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  it("count a flattened image's inputs channel by channel in PyTorch, pixel by pixel here", () => {
    // An image of 1 x 2 pixels with 3 channels, one unit whose weights say "pixel x, channel c" as 10 x + c.
    const layout = denseKernel([6, 1], [1, 2, 3]);
    expect(layout.shape).toEqual([1, 6]);
    expect(toTheirs(Float32Array.of(0, 1, 2, 10, 11, 12), layout)).toEqual(Float32Array.of(0, 10, 1, 11, 2, 12));
  });

  const layouts: readonly Layout[] = [
    convolutionKernel([3, 2, 4, 5]),
    denseKernel([4, 7]),
    denseKernel([24, 5], [2, 3, 4]),
    sameOrder([4, 3], [1, 4, 3]),
    sameOrder([]),
    denseKernel([0, 3]),
  ];
  it.each(layouts)("$shape and back gives every number its place again", (layout) => {
    const length = layout.axes.reduce((product, size) => product * size, 1);
    expect(layout.shape.reduce((product, size) => product * size, 1)).toBe(length);
    const ours = counted(length);
    const theirs = toTheirs(ours, layout);
    expect(theirs.toSorted()).toEqual(ours);
    expect(toOurs(theirs, layout)).toEqual(ours);
  });
});
