import {
  add,
  advance,
  atLeast,
  get,
  integer,
  int,
  Locals,
  loop,
  float64x1,
  seq,
  set,
  sub,
  truncated,
  float64x2,
  vector,
} from "../assembler/index.ts";

/** Columns of the strip that rotations run over: 256 bytes of a row. */
export const stripColumns = 32;

/** The rotations of a list, one after the other, on rows of a strip of {@link stripColumns} columns: addresses of both, and how many there are. */
export function rotationsModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["list", "strip", "count"]);
  const { list, strip, count } = locals.parameters;
  const [atU, atV] = locals.many(2, integer);
  const [cosine, sine, minusSine, u, v] = locals.many(5, vector);
  const { load, store, plus, times, spread, negative } = float64x2;
  const turn = (offset: number) =>
    seq(
      set(u, load(get(atU), offset)),
      set(v, load(get(atV), offset)),
      store(get(atU), offset, plus(times(get(cosine), get(u)), times(get(sine), get(v)))),
      store(get(atV), offset, plus(times(get(cosine), get(v)), times(get(minusSine), get(u)))),
    );
  return locals.moduleOf(
    loop(
      atLeast(get(count), int(1)),
      seq(
        set(atU, add(get(strip), truncated(float64x1.load(get(list), 0)))),
        set(atV, add(get(strip), truncated(float64x1.load(get(list), 8)))),
        set(cosine, spread(get(list), 16)),
        set(sine, spread(get(list), 24)),
        set(minusSine, negative(get(sine))),
        ...Array.from({ length: stripColumns / 2 }, (_, pair) => turn(pair * 16)),
        advance(list, int(32)),
        set(count, sub(get(count), int(1))),
      ),
    ),
  );
}
