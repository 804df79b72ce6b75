import { add, advance, get, int, mul, repeat, seq, set } from "./assembler.ts";
import type { Code } from "./assembler.ts";

/** Parameters that both sums take: where A, B and C start, how many rows and pixels, and how far apart they lie in A and B. */
export const streams = ["a", "b", "c", "rows", "pixels", "aRow", "aStep", "bRow", "bStep"] as const;

/** Local variables of {@link overPixels}. */
export const cursors = ["row", "pixel", "rowA", "rowB", "atA", "atB", "atC"] as const;

type Local = Record<(typeof streams)[number] | (typeof cursors)[number], number>;

/** Runs `step` with `atA` and `atB` at every pixel of A and B, from their elements `i` and `j` (locals) on. */
export function overPixels(local: Local, i: number, j: number, step: Code): Code {
  const { row, pixel, rowA, rowB, atA, atB } = local;
  const pixelStep = seq(step, advance(atA, get(local.aStep)), advance(atB, get(local.bStep)));
  const rowStart = seq(set(atA, get(rowA)), set(atB, get(rowB)), set(pixel, get(local.pixels)));
  const rowEnd = seq(advance(rowA, get(local.aRow)), advance(rowB, get(local.bRow)));
  return seq(
    set(rowA, add(get(local.a), mul(get(i), int(4)))),
    set(rowB, add(get(local.b), mul(get(j), int(4)))),
    set(row, get(local.rows)),
    repeat(row, seq(rowStart, repeat(pixel, pixelStep), rowEnd)),
  );
}
