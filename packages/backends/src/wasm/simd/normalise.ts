import { add, advance, atLeast, float32x1, float32x4, get, int, integer, Locals, loop, mul, repeat, seq, set, sub } from "@lethe/core/assembler";
import type { Code, Float32Lanes } from "@lethe/core/assembler";

/**
 * `y[p, j] = (x[p, j] - mean[j]) factor[j] + offset[j]`, rounded after each of the three steps. All arguments are byte addresses or counts.
 *
 * @param pixels range of p, at least one
 * @param channels range of j, whose elements lie side by side
 */
export type Normalise = (x: number, mean: number, factor: number, offset: number, y: number, pixels: number, channels: number) => void;

/** The module's bytes. */
export function normaliseModule(): Uint8Array<ArrayBuffer> {
  const locals = new Locals(["x", "mean", "factor", "offset", "y", "pixels", "channels"]);
  const { x, mean, factor, offset, y, pixels, channels } = locals.parameters;
  const [channel, end] = locals.many(2, integer);

  const step = (lanes: Float32Lanes): Code => {
    const parameter = (vector: number): Code => lanes.load(add(get(vector), get(channel)), 0);
    const centred = lanes.minus(lanes.load(get(x), 0), parameter(mean));
    return seq(
      lanes.store(get(y), 0, lanes.plus(lanes.times(centred, parameter(factor)), parameter(offset))),
      ...[x, y, channel].map((address) => advance(address, int(lanes.bytes))),
    );
  };
  const sweep = (lanes: Float32Lanes): Code => loop(atLeast(sub(get(end), get(channel)), int(lanes.bytes)), step(lanes));
  return locals.moduleOf(seq(set(end, mul(get(channels), int(4))), repeat(pixels, seq(set(channel, int(0)), sweep(float32x4), sweep(float32x1)))));
}
