import {
  add,
  advance,
  atLeast,
  f32,
  fourLanes,
  get,
  i32,
  int,
  locals,
  loop,
  moduleOf,
  mul,
  oneLane,
  seq,
  set,
  sub,
  v128,
  when,
} from "./assembler.ts";
import type { Code, Lanes } from "./assembler.ts";
import { cursors, overPixels, streams } from "./pixel-loop.ts";

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

const parameters = locals([...streams, "m", "n", "cRow"]);
const integers = locals([...cursors, "i", "j"], 12);
const local = { ...parameters, ...integers };
const { c, cRow, m, n, i, j, atA, atB, atC } = local;
/** Two loaded vectors of B and eight sums; then the same for single floats. A tile of 4 x 8 fills the 16 vector registers of x86-64. */
const firstVector = 12 + 9;
const firstFloat = firstVector + 10;

/** One tile of C, `height` rows by `width` vectors, kept in registers while A and B stream by in their natural layout. */
function tile(lanes: Lanes, height: number, width: number): Code {
  const [bytes, first] = lanes === fourLanes ? [16, firstVector] : [4, firstFloat];
  const columns = Array.from({ length: width }, (_, v) => v);
  const rows = Array.from({ length: height }, (_, k) => k);
  const total = (k: number, v: number): number => first + 2 + k * width + v;
  const each = (body: (k: number, v: number) => Code): Code => seq(...rows.flatMap((k) => columns.map((v) => body(k, v))));
  const step = seq(
    ...columns.map((v) => set(first + v, lanes.load(get(atB), v * bytes))),
    each((k, v) => set(total(k, v), lanes.plus(get(total(k, v)), lanes.times(lanes.spread(get(atA), k * 4), get(first + v))))),
  );
  const store = (k: number, v: number): Code => {
    const address = add(get(atC), add(mul(get(cRow), int(k)), int(v * bytes)));
    return lanes.store(address, lanes.plus(lanes.load(address, 0), get(total(k, v))));
  };
  return seq(
    each((k, v) => set(total(k, v), lanes.zero)),
    overPixels(local, i, j, step),
    set(atC, add(get(c), add(mul(get(i), get(cRow)), mul(get(j), int(4))))),
    each(store),
  );
}

/** All columns of `height` rows of C, in tiles of eight, four and single columns. */
function band(height: number): Code {
  const fits = (columns: number): Code => atLeast(sub(get(n), get(j)), int(columns));
  return seq(
    set(j, int(0)),
    loop(fits(8), seq(tile(fourLanes, height, 2), advance(j, int(8)))),
    when(fits(4), seq(tile(fourLanes, height, 1), advance(j, int(4)))),
    loop(fits(1), seq(tile(oneLane, height, 1), advance(j, int(1)))),
    advance(i, int(height)),
  );
}

/** The module's bytes, 4 kB. */
export function outerProductsModule(): Uint8Array<ArrayBuffer> {
  const fits = (height: number): Code => atLeast(sub(get(m), get(i)), int(height));
  const body = seq(set(i, int(0)), loop(fits(4), band(4)), when(fits(3), band(3)), when(fits(2), band(2)), when(fits(1), band(1)));
  return moduleOf(
    12,
    [
      [9, i32],
      [10, v128],
      [6, f32],
    ],
    body,
  );
}
