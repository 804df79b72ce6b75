import {
  add,
  advance,
  atLeast,
  f64,
  get,
  i32,
  int,
  Locals,
  loop,
  mul,
  oneLane,
  seq,
  set,
  sub,
  twoLanes,
  v128,
  type Code,
  type Lanes,
} from "./eigh-assembler.ts";

/** Addresses and the row stride in bytes, then counts; `short` has one number per row and `long` one per column. */
const [matrix, stride, short, long, rows, columns] = [0, 1, 2, 3, 4, 5];

interface RowLoop {
  readonly begin: (row: number) => Code;
  readonly step: (lanes: Lanes, used: readonly number[], offset: number) => Code;
  readonly end: (row: number) => Code;
}

/** Bands of four rows and then single ones, over columns eight, two and one at a time. */
function overRows(locals: Locals, { begin, step, end }: RowLoop, atLong: number, atRow: readonly number[]): Uint8Array<ArrayBuffer> {
  const left = locals.take(i32);
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
      sweep(twoLanes, used, 4),
      sweep(twoLanes, used, 1),
      sweep(oneLane, used, 1),
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
  const locals = new Locals(6);
  const [atLong, ...atRow] = locals.many(5, i32);
  const pairs = locals.many(4, v128);
  const singles = locals.many(4, f64);
  const [inPair, inSingle] = [locals.take(v128), locals.take(f64)];
  return overRows(
    locals,
    {
      begin: (r) => seq(set(pairs[r], twoLanes.zero), set(singles[r], oneLane.zero)),
      step: (lanes, used, offset) => {
        const [sums, loaded] = lanes === twoLanes ? [pairs, inPair] : [singles, inSingle];
        return seq(
          set(loaded, lanes.load(get(atLong), offset)),
          ...used.map((r) => set(sums[r], lanes.plus(get(sums[r]), lanes.times(lanes.load(get(atRow[r]), offset), get(loaded))))),
        );
      },
      end: (r) => oneLane.store(get(short), r * 8, oneLane.plus(twoLanes.total(get(pairs[r])), get(singles[r]))),
    },
    atLong,
    atRow,
  );
}

/** `long += M^T short` */
export function combineModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(6);
  const [atLong, ...atRow] = locals.many(5, i32);
  const pairs = locals.many(4, v128);
  const singles = locals.many(4, f64);
  return overRows(
    locals,
    {
      begin: (r) => seq(set(pairs[r], twoLanes.spread(get(short), r * 8)), set(singles[r], oneLane.spread(get(short), r * 8))),
      step: (lanes, used, offset) => {
        const factors = lanes === twoLanes ? pairs : singles;
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
