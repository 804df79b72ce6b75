import {
  add,
  advance,
  atLeast,
  float32x1,
  float32x4,
  get,
  int,
  intAt,
  integer,
  Locals,
  loop,
  repeat,
  seq,
  set,
  sub,
  vector,
} from "@lethe/core/assembler";
import type { Code, Float32Lanes } from "@lethe/core/assembler";

/**
 * The gradient of a maximum, for every channel of a row of windows that look alike: `dx[k] += dy` where `x[k]` is the largest value of the
 * window, and the first of equals. Nothing where the window holds nothing above -Infinity. Arguments are bytes or counts.
 *
 * @param x where the first window begins, as `dx`, and `dy` the pixel that belongs to it
 * @param offsets address of 32-bit integers: how far the values of a window lie behind its beginning, in the order of the search
 * @param size how many these are, at least one
 * @param windows at least one; `stride` bytes lie between their beginnings, and their dy lie side by side
 */
export type PassToLargest = (
  x: number,
  dy: number,
  dx: number,
  offsets: number,
  size: number,
  windows: number,
  stride: number,
  channels: number,
) => void;

/** The module's bytes. */
export function passToLargestModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["x", "dy", "dx", "offsets", "size", "windows", "stride", "channels"]);
  const { x, dy, dx, offsets, size, windows, stride, channels } = locals.parameters;
  const [left, atX, atDx, atOffset, turns, to] = locals.many(6, integer);
  const [lowest, largest, rest, chosen] = locals.many(4, vector);
  const over = (body: Code): Code => seq(set(atOffset, get(offsets)), set(turns, get(size)), repeat(turns, seq(body, advance(atOffset, int(4)))));

  const step = (lanes: Float32Lanes): Code => {
    const value = lanes.load(add(get(atX), intAt(get(atOffset), 0)), 0);
    return seq(
      set(largest, get(lowest)),
      over(set(largest, lanes.larger(get(largest), value))),
      set(rest, lanes.and(lanes.load(get(dy), 0), lanes.greater(get(largest), get(lowest)))),
      // The second pass takes dy away from where it has gone. Others add zero, which changes no bit: a sum from zero on is never minus zero.
      over(
        seq(
          set(chosen, lanes.equal(value, get(largest))),
          set(to, add(get(atDx), intAt(get(atOffset), 0))),
          lanes.store(get(to), 0, lanes.plus(lanes.load(get(to), 0), lanes.and(get(rest), get(chosen)))),
          set(rest, lanes.andNot(get(rest), get(chosen))),
        ),
      ),
      ...[atX, atDx, dy].map((address) => advance(address, int(lanes.bytes))),
      set(left, sub(get(left), int(lanes.bytes / 4))),
    );
  };

  const window = seq(
    set(atX, get(x)),
    set(atDx, get(dx)),
    set(left, get(channels)),
    ...[float32x4, float32x1].map((lanes) => loop(atLeast(get(left), int(lanes.bytes / 4)), step(lanes))),
    ...[x, dx].map((address) => advance(address, get(stride))),
  );
  return locals.moduleOf(seq(set(lowest, float32x4.constant(-Infinity)), repeat(windows, window)));
}

/** The same over the heap without SIMD. `heap` is asked for at every call, because its views die when the heap grows. */
export function passToLargestLoop(heap: () => ArrayBufferLike): PassToLargest {
  return (x, dy, dx, offsets, size, windows, stride, channels) => {
    const values = new Float32Array(heap());
    const behind = new Int32Array(heap(), offsets, size);
    for (let window = 0; window < windows; window++) {
      for (let channel = 0; channel < channels; channel++) {
        const [atX, atDx] = [x, dx].map((address) => (address + window * stride) / 4 + channel);
        let largest = -Infinity;
        let found = -1;
        for (let index = 0; index < size; index++) {
          const offset = (behind[index] as number) / 4;
          const value = values[atX + offset] as number;
          if (value > largest) {
            largest = value;
            found = atDx + offset;
          }
        }
        if (found >= 0) values[found] = (values[found] as number) + (values[dy / 4 + window * channels + channel] as number);
      }
    }
  };
}
