import {
  add,
  advance,
  atLeast,
  float32x1,
  float32x4,
  get,
  int,
  integer,
  Locals,
  loop,
  mul,
  seq,
  set,
  sub,
  vector,
  when,
} from "@lethe/core/assembler";
import type { Code, Float32Lanes } from "@lethe/core/assembler";
import { pixelLoop, streams } from "./pixel-loop.ts";

/**
 * `C[i, j] += sum_r sum_p A[r, p, i] B[r, p, j]`: outer products of channel vectors, summed over pixels. All arguments are bytes or counts.
 *
 * @param a byte address of A, as `b` of B and `c` of C
 * @param rows range of r, at least one, as `pixels` of p
 * @param aRow bytes between rows of A, as `aStep` between its pixels, and `bRow`, `bStep` for B
 * @param m range of i and `n` of j, whose elements lie side by side
 * @param cRow bytes between rows of C
 */
export type OuterProducts = (
  a: number,
  b: number,
  c: number,
  rows: number,
  pixels: number,
  aRow: number,
  aStep: number,
  bRow: number,
  bStep: number,
  m: number,
  n: number,
  cRow: number,
) => void;

/** The module's bytes. */
export function outerProductsModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals([...streams, "m", "n", "cRow"]);
  const { c, m, n, cRow } = locals.parameters;
  const [i, j, atC] = locals.many(3, integer);
  const { atA, atB, over } = pixelLoop(locals);
  // A tile of 4 x 8 fills the 16 vector registers of x86-64.
  const inB = locals.many(2, vector);
  const totals = locals.many(8, vector);

  /** One tile of C, `height` rows by `width` vectors, kept in registers while A and B stream by in their natural layout. */
  const tile = (lanes: Float32Lanes, height: number, width: number): Code => {
    const used = totals.slice(0, height * width);
    const rowOf = (index: number): number => Math.floor(index / width);
    const columns = inB.slice(0, width);
    const step = seq(
      ...columns.map((local, v) => set(local, lanes.load(get(atB), v * lanes.bytes))),
      ...used.map((total, index) => {
        const product = lanes.times(lanes.spread(get(atA), rowOf(index) * 4), get(columns[index % width]));
        return set(total, lanes.plus(get(total), product));
      }),
    );
    const store = (total: number, index: number): Code => {
      const offset = (index % width) * lanes.bytes;
      const stored = lanes.store(get(atC), offset, lanes.plus(lanes.load(get(atC), offset), get(total)));
      return index > 0 && index % width === 0 ? seq(advance(atC, get(cRow)), stored) : stored;
    };
    return seq(
      ...used.map((total) => set(total, lanes.zero)),
      over(i, j, step),
      set(atC, add(get(c), add(mul(get(i), get(cRow)), mul(get(j), int(4))))),
      ...used.map(store),
    );
  };

  /** All columns of `height` rows of C, in tiles of eight, four and single columns. */
  const band = (height: number): Code => {
    const fits = (columns: number): Code => atLeast(sub(get(n), get(j)), int(columns));
    return seq(
      set(j, int(0)),
      loop(fits(8), seq(tile(float32x4, height, 2), advance(j, int(8)))),
      when(fits(4), seq(tile(float32x4, height, 1), advance(j, int(4)))),
      loop(fits(1), seq(tile(float32x1, height, 1), advance(j, int(1)))),
      advance(i, int(height)),
    );
  };

  const fits = (height: number): Code => atLeast(sub(get(m), get(i)), int(height));
  return locals.moduleOf(seq(set(i, int(0)), loop(fits(4), band(4)), ...[3, 2, 1].map((height) => when(fits(height), band(height)))));
}
