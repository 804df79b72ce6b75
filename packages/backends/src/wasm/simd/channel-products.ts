import { add, advance, atLeast, f32, fourLanes, get, i32, int, locals, loop, moduleOf, mul, oneLane, seq, set, sub, v128 } from "./assembler.ts";
import type { Code, Lanes } from "./assembler.ts";
import { cursors, overPixels, streams } from "./pixel-loop.ts";

/**
 * `C[j] += sum_r sum_p A[r, p, j] B[r, p, j]`: channel by channel, summed over pixels. All arguments are bytes or counts, as those of
 * {@link OuterProducts}.
 *
 * @param n range of j, whose elements lie side by side
 */
export type ChannelProducts = (
  a: number,
  b: number,
  c: number,
  rows: number,
  pixels: number,
  aRow: number,
  aStep: number,
  bRow: number,
  bStep: number,
  n: number,
) => void;

const local = { ...locals([...streams, "n"]), ...locals([...cursors, "j"], 10) };
const { c, n, j, atA, atB, atC } = local;
const firstVector = 10 + 8;
const firstFloat = firstVector + 4;

/** `width` vectors (or floats) of C, kept in registers while A and B stream by. */
function tile(lanes: Lanes, width: number): Code {
  const [bytes, first] = lanes === fourLanes ? [16, firstVector] : [4, firstFloat];
  const each = (body: (total: number, offset: number) => Code): Code => seq(...Array.from({ length: width }, (_, v) => body(first + v, v * bytes)));
  const product = (offset: number): Code => lanes.times(lanes.load(get(atA), offset), lanes.load(get(atB), offset));
  return seq(
    each((total) => set(total, lanes.zero)),
    overPixels(
      local,
      j,
      j,
      each((total, offset) => set(total, lanes.plus(get(total), product(offset)))),
    ),
    set(atC, add(get(c), mul(get(j), int(4)))),
    each((total, offset) => lanes.store(add(get(atC), int(offset)), lanes.plus(lanes.load(get(atC), offset), get(total)))),
  );
}

/** The module's bytes. */
export function channelProductsModule(): Uint8Array<ArrayBuffer> {
  const fits = (columns: number): Code => atLeast(sub(get(n), get(j)), int(columns));
  const body = seq(
    set(j, int(0)),
    loop(fits(16), seq(tile(fourLanes, 4), advance(j, int(16)))),
    loop(fits(4), seq(tile(fourLanes, 1), advance(j, int(4)))),
    loop(fits(1), seq(tile(oneLane, 1), advance(j, int(1)))),
  );
  return moduleOf(
    10,
    [
      [8, i32],
      [4, v128],
      [1, f32],
    ],
    body,
  );
}

/** The same sum over the heap without SIMD. `heap` is asked for at every call, because its views die when the heap grows. */
export function channelProductsLoop(heap: () => Float32Array): ChannelProducts {
  return (a, b, c, rows, pixels, aRow, aStep, bRow, bStep, n) => {
    const values = heap();
    for (let row = 0; row < rows; row++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const [atA, atB] = [(a + row * aRow + pixel * aStep) / 4, (b + row * bRow + pixel * bStep) / 4];
        for (let j = 0; j < n; j++) {
          values[c / 4 + j] = (values[c / 4 + j] as number) + (values[atA + j] as number) * (values[atB + j] as number);
        }
      }
    }
  };
}
