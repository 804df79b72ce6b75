import { describe, expect, it } from "vitest";
import { add, advance, atLeast, get, int, intAt, loop, mul, repeat, seq, set, sub, truncated, when, type Code } from "./index.ts";
import { float32x1, float32x4, float64, float64x1, float64x2, integer, Locals, vector, widened, type Float32Lanes } from "./index.ts";

/** Runs a function of `at` and `count` on memory that begins with these numbers, and returns the memory's first page. */
function run(body: (locals: Locals<"at" | "count">) => Code, filled: Float32Array | Float64Array | Int32Array, count = 0): ArrayBuffer {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer).set(new Uint8Array(filled.buffer));
  const locals = new Locals(["at", "count"]);
  const module = new WebAssembly.Module(locals.moduleOf(body(locals)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  (exports["run"] as (at: number, count: number) => void)(0, count);
  return memory.buffer;
}

const integers = (body: Parameters<typeof run>[0], count = 0): number[] => [...new Int32Array(run(body, new Int32Array(), count), 0, 4)];
/** Integers are stored through a float's lane, bit by bit. */
const keep = (at: Code, offset: number, value: Code): Code => [...at, ...value, 0x36, 2, offset];

describe("integers and control flow", () => {
  it("writes constants of every length", () => {
    for (const value of [0, 63, 64, -64, -65, 127, 128, 8191, -8192, 1 << 20, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(integers(({ parameters: { at } }) => keep(get(at), 0, int(value)))[0]).toBe(value);
    }
  });

  it("computes", () => {
    const body = ({ parameters: { at, count } }: Locals<"at" | "count">): Code =>
      seq(
        keep(get(at), 0, add(get(count), int(3))),
        keep(get(at), 4, sub(get(count), int(300))),
        keep(get(at), 8, mul(intAt(get(at), 0), int(-5))),
        keep(get(at), 12, truncated([0x44, ...new Uint8Array(Float64Array.of(-2.9).buffer)])),
      );
    expect(integers(body, 7)).toEqual([10, -293, -50, -2]);
  });

  it.each([
    [-1, 0, 0],
    [0, 1, 0],
    [5, 1, 5],
  ])("from a count of %i on, a condition holds %i times and a loop turns %i times", (count, once, turns) => {
    const body = (locals: Locals<"at" | "count">): Code => {
      const { at, count } = locals.parameters;
      const turned = locals.take(integer);
      return seq(
        when(atLeast(get(count), int(0)), keep(get(at), 0, int(1))),
        loop(atLeast(get(count), int(1)), seq(advance(turned, int(1)), advance(count, int(-1)))),
        keep(get(at), 4, get(turned)),
      );
    };
    expect(integers(body, count).slice(0, 2)).toEqual([once, turns]);
  });

  it("repeats as often as the counter says", () => {
    const body = (locals: Locals<"at" | "count">): Code => {
      const { at, count } = locals.parameters;
      const turned = locals.take(integer);
      return seq(repeat(count, advance(turned, int(2))), keep(get(at), 0, get(turned)), keep(get(at), 4, get(count)));
    };
    expect(integers(body, 200).slice(0, 2)).toEqual([400, 0]);
  });

  it("has more than 127 variables of all types", () => {
    const body = (locals: Locals<"at" | "count">): Code => {
      const [, last] = [locals.many(100, vector), locals.many(100, float64), locals.take(integer)].flat().slice(-2);
      return seq(set(last, int(9)), keep(get(locals.parameters.at), 0, get(last)));
    };
    expect(integers(body)[0]).toBe(9);
  });
});

const [a, b] = [
  [1, -2, NaN, -0],
  [-3, 5, 2, 0],
] as const;

/** What lanes make of a and b: results follow the operands in memory. */
function combined(lanes: Float32Lanes, operation: (a: Code, b: Code) => Code): { numbers: number[]; bits: number[] } {
  const body = ({ parameters: { at } }: Locals<"at" | "count">): Code =>
    lanes.store(get(at), 32, operation(lanes.load(get(at), 0), lanes.load(get(at), 16)));
  const memory = run(body, Float32Array.of(...a, ...b, 7, 7, 7, 7));
  return { numbers: [...new Float32Array(memory, 32, 4)], bits: [...new Int32Array(memory, 32, 4)] };
}

describe.each([
  ["four", float32x4, 4],
  ["one", float32x1, 1],
] as const)("%s float32", (_, lanes, width) => {
  const untouched = Array.from({ length: 4 - width }, () => 7);
  const fromPairs = (f: (x: number, y: number) => number): number[] => [...a.slice(0, width).map((x, i) => f(x, b[i])), ...untouched];

  it("computes", () => {
    expect(combined(lanes, lanes.plus).numbers).toEqual(fromPairs((x, y) => x + y));
    expect(combined(lanes, lanes.minus).numbers).toEqual(fromPairs((x, y) => x - y));
    expect(combined(lanes, lanes.times).numbers).toEqual(fromPairs((x, y) => x * y));
    expect(combined(lanes, () => lanes.zero).numbers).toEqual(fromPairs(() => 0));
    expect(combined(lanes, () => lanes.constant(-Infinity)).numbers).toEqual(fromPairs(() => -Infinity));
    expect(combined(lanes, () => lanes.spread(int(4), 0)).numbers).toEqual(fromPairs(() => -2));
  });

  it("compares", () => {
    expect(combined(lanes, lanes.larger).numbers).toEqual(fromPairs((x, y) => (x < y ? y : x)));
    expect(combined(lanes, lanes.greater).bits.slice(0, width)).toEqual([-1, 0, 0, 0].slice(0, width));
    expect(combined(lanes, lanes.equal).bits.slice(0, width)).toEqual([0, 0, 0, -1].slice(0, width));
    expect(combined(lanes, (x, y) => lanes.and(y, lanes.greater(x, y))).numbers).toEqual([-3, 0, 0, 0].slice(0, width).concat(untouched));
    expect(combined(lanes, (x, y) => lanes.andNot(y, lanes.greater(x, y))).numbers).toEqual([0, 5, 2, 0].slice(0, width).concat(untouched));
  });
});

describe.each([
  ["two", float64x2, 2],
  ["one", float64x1, 1],
] as const)("%s float64", (_, lanes, width) => {
  it("computes", () => {
    const operations = [lanes.plus, lanes.minus, lanes.times, (x: Code) => lanes.negative(x), () => lanes.zero, () => lanes.spread(int(8), 16)];
    const body = ({ parameters: { at } }: Locals<"at" | "count">): Code =>
      seq(
        ...operations.map((operation, i) => lanes.store(get(at), 32 + 16 * i, operation(lanes.load(get(at), 0), lanes.load(get(at), 16)))),
        float64x1.store(get(at), 128, lanes.total(lanes.load(get(at), 16))),
      );
    const memory = run(body, Float64Array.of(0.5, -2, 3, 7));
    const results = operations.map((_, i) => [...new Float64Array(memory, 32 + 16 * i, width)]);
    const expected = [
      [3.5, 5],
      [-2.5, -9],
      [1.5, -14],
      [-0.5, 2],
      [0, 0],
      [7, 7],
    ];
    expect(results).toEqual(expected.map((pair) => pair.slice(0, width)));
    expect(new Float64Array(memory, 128, 1)[0]).toBe(width === 2 ? 10 : 3);
  });
});

it("widens two of four float32 lanes", () => {
  const body = ({ parameters: { at } }: Locals<"at" | "count">): Code =>
    seq(
      float64x2.store(get(at), 16, widened(float32x4.load(get(at), 0), "first")),
      float64x2.store(get(at), 32, widened(float32x4.load(get(at), 0), "last")),
    );
  const numbers = Float32Array.of(0.1, -2, 3e38, 1e-40);
  expect([...new Float64Array(run(body, numbers), 16, 4)]).toEqual([...numbers]);
});
