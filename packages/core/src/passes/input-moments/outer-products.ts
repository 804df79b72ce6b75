import {
  add,
  advance,
  atLeast,
  float32x4,
  float64x2,
  get,
  int,
  intAt,
  integer,
  Locals,
  loop,
  mul,
  repeat,
  seq,
  set,
  sub,
  vector,
  widened,
  type Code,
} from "../../assembler/index.ts";

/** Channels that lie side by side in one panel, and columns of one tile of sums. */
export const panelWidth = 8;
/** Rows of one tile of sums. */
export const tileHeight = 4;
export const tileLength = tileHeight * panelWidth;

/**
 * `S[a, b] += sum over places q of x[q, a] x[q + shift, b]`, in tiles of {@link tileHeight} by {@link panelWidth} channels, in float64. Of x, float32,
 * {@link panelWidth} channels of a place lie side by side: a panel.
 *
 * All arguments are byte addresses, distances in bytes, or counts.
 *
 * @param x address of the first panel of the first place, and `panelBytes` to the next panel of the same place
 * @param rows tiles over a, and `panels` over b
 * @param firsts address of the distances from the first place to the first one of each run
 * @param runs at least one, and `length` places in each, also at least one, `step` apart
 * @param shift from x[q] to x[q + shift]
 * @param sums address of the tiles of S, row by row
 * @param triangle 1 to leave out the tiles below the diagonal, 0 for all
 */
export type OuterProducts = (
  x: number,
  panelBytes: number,
  rows: number,
  panels: number,
  firsts: number,
  runs: number,
  length: number,
  step: number,
  shift: number,
  sums: number,
  triangle: 0 | 1,
) => void;

/**
 * What products, and their sum over the places of one call, are made in, before they are added to S in float64. The caller bounds the error of float32,
 * which takes two fifths of the time, by the number of places.
 */
export type Precision = "float32" | "float64";

/** Eight sums, two vectors of b and one factor are eleven of the sixteen vector registers of x86-64: a tile in float32, each half of one in float64. */
export function outerProductsModule(precision: Precision): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["x", "panelBytes", "rows", "panels", "firsts", "runs", "length", "step", "shift", "sums", "triangle"]);
  const { x, panelBytes, rows, panels, firsts, runs, length, step, shift, sums, triangle } = locals.parameters;
  const [row, column, left, firstPanel, odd, list, run, a, b, place] = locals.many(10, integer);
  const [loaded, inRow, ...inB] = locals.many(4, vector);
  const totals = locals.many(8, vector);

  const { load, spread } = float32x4;
  const lanes = precision === "float32" ? float32x4 : float64x2;
  const addProducts = (factor: (row: number) => Code): Code =>
    seq(
      ...totals.map((total, at) => {
        const added = set(total, lanes.plus(get(total), lanes.times(get(inRow), get(inB[at & 1]))));
        return at % 2 === 0 ? seq(set(inRow, factor(at >> 1)), added) : added;
      }),
    );
  const onePlace = (firstColumn: number): Code =>
    precision === "float32"
      ? seq(
          ...inB.map((local, v) => set(local, load(get(b), v * 16))),
          addProducts((r) => spread(get(a), r * 4)),
        )
      : seq(
          set(loaded, load(get(b), firstColumn * 4)),
          set(inB[0], widened(get(loaded), "first")),
          set(inB[1], widened(get(loaded), "last")),
          addProducts((r) => widened(spread(get(a), r * 4), "first")),
        );
  const oneRun = (firstColumn: number): Code =>
    seq(
      set(a, add(get(row), intAt(get(list), 0))),
      set(b, add(get(column), intAt(get(list), 0))),
      set(place, get(length)),
      repeat(place, seq(onePlace(firstColumn), advance(a, get(step)), advance(b, get(step)))),
      advance(list, int(4)),
    );
  const addTo = (offset: number, value: Code): Code => float64x2.store(get(sums), offset, float64x2.plus(float64x2.load(get(sums), offset), value));
  const addTotal =
    (firstColumn: number) =>
    (total: number, at: number): Code => {
      if (precision === "float64") return addTo((at >> 1) * panelWidth * 8 + firstColumn * 8 + (at & 1) * 16, get(total));
      return seq(addTo(at * 32, widened(get(total), "first")), addTo(at * 32 + 16, widened(get(total), "last")));
    };
  const sumColumns = (firstColumn: number): Code =>
    seq(
      ...totals.map((total) => set(total, lanes.zero)),
      set(list, get(firsts)),
      set(run, get(runs)),
      repeat(run, oneRun(firstColumn)),
      ...totals.map(addTotal(firstColumn)),
    );
  const tile = seq(
    ...(precision === "float32" ? [0] : [0, 4]).map(sumColumns),
    advance(sums, int(tileLength * 8)),
    advance(column, get(panelBytes)),
    advance(left, int(-1)),
  );
  // Two rows of tiles to a panel: every other one begins in the next panel and, on the diagonal, one column of tiles later.
  const rowOfTiles = seq(
    set(left, sub(get(panels), get(firstPanel))),
    set(column, add(add(get(x), get(shift)), mul(get(firstPanel), get(panelBytes)))),
    loop(atLeast(get(left), int(1)), tile),
    advance(firstPanel, mul(get(odd), get(triangle))),
    advance(row, add(int(tileHeight * 4), mul(get(odd), sub(get(panelBytes), int(panelWidth * 4))))),
    set(odd, sub(int(1), get(odd))),
  );
  return locals.moduleOf(seq(set(row, get(x)), repeat(rows, rowOfTiles)));
}

/** The same in JavaScript, in float64 throughout. */
export function plainOuterProducts(buffer: ArrayBuffer): OuterProducts {
  const [floats, doubles, integers] = [new Float32Array(buffer), new Float64Array(buffer), new Int32Array(buffer)];
  return (x, panelBytes, rows, panels, firsts, runs, length, step, shift, sums, triangle) => {
    let at = sums / 8;
    for (let row = 0; row < rows; row++) {
      const rowAt = x / 4 + ((row >> 1) * panelBytes) / 4 + (row & 1) * tileHeight;
      for (let panel = triangle * (row >> 1); panel < panels; panel++, at += tileLength) {
        const columnAt = (x + panel * panelBytes + shift) / 4;
        for (let run = 0; run < runs; run++) {
          let place = integers[firsts / 4 + run] / 4;
          for (let m = 0; m < length; m++, place += step / 4) {
            for (let r = 0; r < tileHeight; r++) {
              const factor = floats[rowAt + place + r];
              for (let c = 0; c < panelWidth; c++) doubles[at + r * panelWidth + c] += factor * floats[columnAt + place + c];
            }
          }
        }
      }
    }
  };
}
