import {
  add,
  advance,
  atLeast,
  float64,
  get,
  integer,
  int,
  Locals,
  loop,
  mul,
  float64x1,
  seq,
  set,
  sub,
  float64x2,
  vector,
  type Code,
} from "../assembler/index.ts";

/** Columns per turn of the loop. */
const width = 4;

/**
 * `y += A x` with A symmetric, of which only the upper triangle is read: addresses and the row stride in bytes, and the dimension.
 *
 * A symmetric matrix times a vector: each entry above the diagonal is loaded once and used twice, for its row and for its column, since memory is what limits this
 * product. The last turn may reach three columns past the end of a row, where the caller keeps zeros.
 */
export function triangleModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["a", "stride", "x", "y", "dimension"]);
  const { a, stride, x, y, dimension } = locals.parameters;
  const [left, columns, atX, atY] = locals.many(4, integer);
  const atRow = locals.many(4, integer);
  const entry = locals.take(float64);
  const own = locals.many(4, float64);
  const sums = locals.many(4, float64);
  const [inX, inY, inA] = locals.many(3, vector);
  const factors = locals.many(4, vector);
  const totals = locals.many(4, vector);
  const one = float64x1;
  const two = float64x2;

  const corner = (r: number, column: number): Code =>
    seq(
      set(entry, one.load(get(atRow[r]), column * 8)),
      set(sums[r], one.plus(get(sums[r]), one.times(get(entry), get(own[column])))),
      column === r ? [] : set(sums[column], one.plus(get(sums[column]), one.times(get(entry), get(own[r])))),
    );
  const pair = (used: readonly number[], offset: number): Code =>
    seq(
      set(inX, two.load(get(atX), offset)),
      set(inY, two.load(get(atY), offset)),
      ...used.flatMap((r) => [
        set(inA, two.load(get(atRow[r]), offset)),
        set(inY, two.plus(get(inY), two.times(get(inA), get(factors[r])))),
        set(totals[r], two.plus(get(totals[r]), two.times(get(inA), get(inX)))),
      ]),
      two.store(get(atY), offset, get(inY)),
    );
  const band = (height: number): Code => {
    const used = Array.from({ length: height }, (_, r) => r);
    return seq(
      ...used.flatMap((r) => [
        set(atRow[r], add(get(a), mul(get(stride), int(r)))),
        set(own[r], one.load(get(x), r * 8)),
        set(factors[r], two.spread(get(x), r * 8)),
        set(sums[r], one.zero),
        set(totals[r], two.zero),
      ]),
      ...used.flatMap((r) => used.slice(r).map((column) => corner(r, column))),
      ...used.map((r) => advance(atRow[r], int(height * 8))),
      set(atX, add(get(x), int(height * 8))),
      set(atY, add(get(y), int(height * 8))),
      set(columns, sub(get(left), int(height))),
      loop(
        atLeast(get(columns), int(1)),
        seq(
          ...Array.from({ length: width / 2 }, (_, v) => pair(used, v * 16)),
          ...[...atRow.slice(0, height), atX, atY].map((address) => advance(address, int(width * 8))),
          set(columns, sub(get(columns), int(width))),
        ),
      ),
      ...used.map((r) => one.store(get(y), r * 8, one.plus(one.load(get(y), r * 8), one.plus(get(sums[r]), two.total(get(totals[r])))))),
      advance(a, add(mul(get(stride), int(height)), int(height * 8))),
      advance(x, int(height * 8)),
      advance(y, int(height * 8)),
      set(left, sub(get(left), int(height))),
    );
  };
  return locals.moduleOf(seq(set(left, get(dimension)), ...[4, 1].map((height) => loop(atLeast(get(left), int(height)), band(height)))));
}
