import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/**
 * A stream of random numbers that can be split by name.
 *
 * `split("order", 3)` depends on the seed and the names alone, never on how many numbers were drawn before, so that a resumed run or a
 * second worker gets the very same stream without any stored state.
 *
 * @example
 * const random = createRandom(7);
 * const a = random.split("order", 0).permutation(5);
 * random.uniform();
 * const b = random.split("order", 0).permutation(5); // equal to a
 */
export interface Random {
  /** A stream of its own for this path of names. */
  split(...path: (string | number)[]): Random;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer, 0 <= value < bound. */
  integer(bound: number): number;
  /** Standard normal deviate. */
  normal(): number;
  /** A permutation of 0 .. length - 1 (Fisher-Yates). */
  permutation(length: number): Uint32Array;
  /** `count` different integers below `bound`, in increasing order. */
  sample(bound: number, count: number): Uint32Array;
}

export function createRandom(seed: number | string): Random {
  return new Stream(mix([0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef], String(seed)));
}

type State = readonly [number, number, number, number];

class Stream implements Random {
  readonly #key: State;
  readonly #generator: RandomGenerator;

  constructor(key: State) {
    this.#key = key;
    this.#generator = xoroshiro128plusFromState([...key]);
  }

  split(...path: (string | number)[]): Random {
    return new Stream(path.reduce<State>((key, name) => mix(key, `${typeof name}:${name}`), this.#key));
  }

  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  integer(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1);
  }

  normal(): number {
    // Box-Muller; 1 - u lies in (0, 1], so that the logarithm is finite. The sine twin is dropped to keep one draw one value.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const value = order[last];
      order[last] = order[other];
      order[other] = value;
    }
    return order;
  }

  sample(bound: number, count: number): Uint32Array {
    return this.permutation(bound).slice(0, count).toSorted();
  }
}

/** Four murmur3-style lanes over the characters; every lane sees every character and, in the end, every other lane. */
function mix(state: State, text: string): State {
  let [a, b, c, d] = state;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  a ^= b ^ c ^ d;
  b ^= a;
  c ^= a;
  d ^= a;
  // The all-zero state is the one fixed point of xoroshiro.
  return (a | b | c | d) === 0 ? [1, 0, 0, 0] : [a | 0, b | 0, c | 0, d | 0];
}
