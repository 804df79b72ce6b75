import { add, advance, atLeast, get, i32, int, Locals, loop, oneLane, seq, set, sub, truncated, twoLanes, v128 } from "./eigh-assembler.ts";

/** Columns of the strip that rotations run over: 256 bytes of a row. */
export const stripColumns = 32;

/** Addresses of the list and the strip, and the number of rotations. */
const [list, strip, count] = [0, 1, 2];

/** The rotations of a list, one after the other, on rows of a strip of {@link stripColumns} columns. */
export function rotationsModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(3);
  const [atU, atV] = locals.many(2, i32);
  const [cosine, sine, minusSine, u, v] = locals.many(5, v128);
  const { load, store, plus, times, spread, negative } = twoLanes;
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
        set(atU, add(get(strip), truncated(oneLane.load(get(list), 0)))),
        set(atV, add(get(strip), truncated(oneLane.load(get(list), 8)))),
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
