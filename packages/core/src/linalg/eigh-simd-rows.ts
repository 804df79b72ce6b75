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
  type Lanes,
} from "../assembler/index.ts";

/** Addresses and the row stride in bytes, then counts; `short` has one number per row and `long` one per column. */
const parameters = ["matrix", "stride", "short", "long", "rows", "columns"] as const;

interface RowLoop {
  readonly begin: (row: number) => Code;
  readonly step: (lanes: Lanes, used: readonly number[], offset: number) => Code;
  readonly end: (row: number) => Code;
}

/** Bands of four rows and then single ones, over columns eight, two and one at a time. */
function overRows(
  locals: Locals<(typeof parameters)[number]>,
  { begin, step, end }: RowLoop,
  atLong: number,
  atRow: readonly number[],
): Uint8Array<ArrayBuffer> {
  const { matrix, stride, short, long, rows, columns } = locals.parameters;
  const left = locals.take(integer);
  const sweep = (lanes: Lanes, used: readonly number[], vectors: number): Code => {
    const bytes = vectors * lanes.bytes;
    return loop(
      atLeast(get(left), int(bytes / 8)),
      seq(
        ...Array.from({ length: vectors }, (_, v) => step(lanes, used, v * lanes.bytes)),
        ...[...atRow.slice(0, used.length), atLong].map((address) => advance(address, int(bytes))),
        set(left, sub(get(left), int(bytes / 8))),
      ),
    );
  };
  const band = (height: number): Code => {
    const used = Array.from({ length: height }, (_, r) => r);
    return seq(
      ...used.flatMap((r) => [set(atRow[r], add(get(matrix), mul(get(stride), int(r)))), begin(r)]),
      set(atLong, get(long)),
      set(left, get(columns)),
      sweep(float64x2, used, 4),
      sweep(float64x2, used, 1),
      sweep(float64x1, used, 1),
      ...used.map((r) => end(r)),
      advance(matrix, mul(get(stride), int(height))),
      advance(short, int(height * 8)),
      set(rows, sub(get(rows), int(height))),
    );
  };
  return locals.moduleOf(seq(...[4, 1].map((height) => loop(atLeast(get(rows), int(height)), band(height)))));
}

/** `short = M long` */
export function dotsModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(parameters);
  const { short } = locals.parameters;
  const [atLong, ...atRow] = locals.many(5, integer);
  const pairs = locals.many(4, vector);
  const singles = locals.many(4, float64);
  const [inPair, inSingle] = [locals.take(vector), locals.take(float64)];
  return overRows(
    locals,
    {
      begin: (r) => seq(set(pairs[r], float64x2.zero), set(singles[r], float64x1.zero)),
      step: (lanes, used, offset) => {
        const [sums, loaded] = lanes === float64x2 ? [pairs, inPair] : [singles, inSingle];
        return seq(
          set(loaded, lanes.load(get(atLong), offset)),
          ...used.map((r) => set(sums[r], lanes.plus(get(sums[r]), lanes.times(lanes.load(get(atRow[r]), offset), get(loaded))))),
        );
      },
      end: (r) => float64x1.store(get(short), r * 8, float64x1.plus(float64x2.total(get(pairs[r])), get(singles[r]))),
    },
    atLong,
    atRow,
  );
}

/** `long += M^T short` */
export function combineModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(parameters);
  const { short } = locals.parameters;
  const [atLong, ...atRow] = locals.many(5, integer);
  const pairs = locals.many(4, vector);
  const singles = locals.many(4, float64);
  return overRows(
    locals,
    {
      begin: (r) => seq(set(pairs[r], float64x2.spread(get(short), r * 8)), set(singles[r], float64x1.spread(get(short), r * 8))),
      step: (lanes, used, offset) => {
        const factors = lanes === float64x2 ? pairs : singles;
        const sum = used.reduce<Code>(
          (so, r) => lanes.plus(so, lanes.times(lanes.load(get(atRow[r]), offset), get(factors[r]))),
          lanes.load(get(atLong), offset),
        );
        return lanes.store(get(atLong), offset, sum);
      },
      end: () => [],
    },
    atLong,
    atRow,
  );
}
