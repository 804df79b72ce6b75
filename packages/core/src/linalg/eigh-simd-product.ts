import { add, advance, atLeast, get, integer, int, Locals, loop, mul, seq, set, sub, float64x2, vector, type Code } from "../assembler/index.ts";

/** Columns of one packed panel of B: two vectors of two numbers. */
const panelColumns = 4;

const { load, store, spread, plus, times, zero } = float64x2;
const vectors = panelColumns / 2;

/**
 * `C += A B` in bytes and counts: addresses and row strides of A and C, B as packed panels of {@link panelColumns} columns.
 *
 * The inner kernel of every matrix product: tiles of C of four rows and four columns stay in registers (eight sums; with two vectors of B and what is on its way,
 * twelve of the sixteen vector registers of x86-64) while A's rows and B's panel stream by.
 */
export function productModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["a", "aStride", "b", "c", "cStride", "rows", "panels", "depth"]);
  const { a, aStride, b, c, cStride, rows, panels, depth } = locals.parameters;
  const [band, row, left, k, atB, atC, panel] = locals.many(7, integer);
  const atRow = locals.many(4, integer);
  const inB = locals.many(vectors, vector);
  const factor = locals.take(vector);
  const sums = locals.many(4 * vectors, vector);

  const step = (height: number, at: number): Code =>
    seq(
      ...inB.map((local, v) => set(local, load(get(atB), at * panelColumns * 8 + v * 16))),
      ...atRow
        .slice(0, height)
        .flatMap((address, r) => [
          set(factor, spread(get(address), at * 8)),
          ...inB.map((local, v) => set(sums[r * vectors + v], plus(get(sums[r * vectors + v]), times(get(factor), get(local))))),
        ]),
    );
  const steps = (height: number, count: number): Code =>
    loop(
      atLeast(get(k), int(count)),
      seq(
        ...Array.from({ length: count }, (_, at) => step(height, at)),
        ...atRow.slice(0, height).map((address) => advance(address, int(count * 8))),
        advance(atB, int(count * panelColumns * 8)),
        set(k, sub(get(k), int(count))),
      ),
    );
  const tile = (height: number): Code => {
    const used = sums.slice(0, height * vectors);
    return seq(
      ...used.map((sum) => set(sum, zero)),
      ...atRow.slice(0, height).map((address, r) => set(address, add(get(band), mul(get(aStride), int(r))))),
      set(k, get(depth)),
      steps(height, 4),
      steps(height, 1),
      ...Array.from({ length: height }, (_, r) =>
        seq(
          set(row, add(get(atC), mul(get(cStride), int(r)))),
          ...inB.map((_local, v) => store(get(row), v * 16, plus(load(get(row), v * 16), get(sums[r * vectors + v])))),
        ),
      ),
      advance(atC, int(panelColumns * 8)),
    );
  };
  const bands = (height: number): Code =>
    loop(
      atLeast(get(left), int(height)),
      seq(
        set(atB, get(b)),
        set(atC, get(c)),
        set(panel, get(panels)),
        loop(atLeast(get(panel), int(1)), seq(tile(height), set(panel, sub(get(panel), int(1))))),
        advance(band, mul(get(aStride), int(height))),
        advance(c, mul(get(cStride), int(height))),
        set(left, sub(get(left), int(height))),
      ),
    );
  return locals.moduleOf(seq(set(band, get(a)), set(left, get(rows)), bands(4), bands(1)));
}
