import { add, advance, get, int, integer, mul, repeat, seq, set } from "@lethe/core/assembler";
import type { Code, Locals } from "@lethe/core/assembler";

/** Parameters that both sums take: where A, B and C start, how many rows and pixels, and how far apart they lie in A and B. */
export const streams = ["a", "b", "c", "rows", "pixels", "aRow", "aStep", "bRow", "bStep"] as const;

export interface PixelLoop {
  /** Local variables: where the pixels of A and B begin. */
  readonly atA: number;
  readonly atB: number;
  /** Runs `step` with `atA` and `atB` at every pixel of A and B, from their elements `i` and `j` (local variables) on. */
  readonly over: (i: number, j: number, step: Code) => Code;
}

export function pixelLoop(locals: Locals<(typeof streams)[number]>): PixelLoop {
  const { a, b, rows, pixels, aRow, aStep, bRow, bStep } = locals.parameters;
  const [row, pixel, rowA, rowB, atA, atB] = locals.many(6, integer);
  const over = (i: number, j: number, step: Code): Code => {
    const pixelStep = seq(step, advance(atA, get(aStep)), advance(atB, get(bStep)));
    const rowStart = seq(set(atA, get(rowA)), set(atB, get(rowB)), set(pixel, get(pixels)));
    const rowEnd = seq(advance(rowA, get(aRow)), advance(rowB, get(bRow)));
    return seq(
      set(rowA, add(get(a), mul(get(i), int(4)))),
      set(rowB, add(get(b), mul(get(j), int(4)))),
      set(row, get(rows)),
      repeat(row, seq(rowStart, repeat(pixel, pixelStep), rowEnd)),
    );
  };
  return { atA, atB, over };
}
