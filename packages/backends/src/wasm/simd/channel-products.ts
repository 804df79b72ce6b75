import { add, advance, atLeast, float32x1, float32x4, get, int, integer, Locals, loop, mul, seq, set, sub, vector } from "@lethe/core/assembler";
import type { Code, Float32Lanes } from "@lethe/core/assembler";
import { pixelLoop, streams } from "./pixel-loop.ts";

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

/** The module's bytes. */
export function channelProductsModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals([...streams, "n"]);
  const { c, n } = locals.parameters;
  const [j, atC] = locals.many(2, integer);
  const { atA, atB, over } = pixelLoop(locals);
  const totals = locals.many(4, vector);

  /** `width` vectors (or floats) of C, kept in registers while A and B stream by, and on to the next. */
  const tile = (lanes: Float32Lanes, width: number): Code => {
    const each = (body: (total: number, offset: number) => Code): Code =>
      seq(...totals.slice(0, width).map((total, v) => body(total, v * lanes.bytes)));
    const product = (offset: number): Code => lanes.times(lanes.load(get(atA), offset), lanes.load(get(atB), offset));
    return seq(
      each((total) => set(total, lanes.zero)),
      over(
        j,
        j,
        each((total, offset) => set(total, lanes.plus(get(total), product(offset)))),
      ),
      set(atC, add(get(c), mul(get(j), int(4)))),
      each((total, offset) => lanes.store(get(atC), offset, lanes.plus(lanes.load(get(atC), offset), get(total)))),
      advance(j, int((width * lanes.bytes) / 4)),
    );
  };

  const fits = (columns: number): Code => atLeast(sub(get(n), get(j)), int(columns));
  return locals.moduleOf(
    seq(set(j, int(0)), loop(fits(16), tile(float32x4, 4)), loop(fits(4), tile(float32x4, 1)), loop(fits(1), tile(float32x1, 1))),
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
