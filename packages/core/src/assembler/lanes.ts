import { simd, unsigned, type Code } from "./encoding.ts";
import { float64, vector } from "./locals.ts";

/** The operations of one number or of several side by side, so that a loop is written once for both. Addresses and offsets are bytes. */
export interface Lanes {
  /** Bytes that a load reads and a store writes. */
  readonly bytes: number;
  /** The type of a local variable that holds the lanes. */
  readonly type: number;
  readonly zero: Code;
  load(address: Code, offset: number): Code;
  store(address: Code, offset: number, value: Code): Code;
  /** One number from memory, in every lane. */
  spread(address: Code, offset: number): Code;
  plus(a: Code, b: Code): Code;
  minus(a: Code, b: Code): Code;
  times(a: Code, b: Code): Code;
}

/** Lanes of float32 besides compare; a comparison fills a lane with ones or zeros, to be combined with other lanes bit by bit. */
export interface Float32Lanes extends Lanes {
  /** The same number in every lane. */
  constant(value: number): Code;
  /** `a < b ? b : a`, so that a number replaces another only where it is larger, and not-a-number never does. */
  larger(a: Code, b: Code): Code;
  greater(a: Code, b: Code): Code;
  equal(a: Code, b: Code): Code;
  and(a: Code, b: Code): Code;
  /** `a` where `b` is zeros. */
  andNot(a: Code, b: Code): Code;
}

/** Lanes of float64 besides change their sign and add up. */
export interface Float64Lanes extends Lanes {
  negative(value: Code): Code;
  /** The sum over lanes, as one number. */
  total(value: Code): Code;
}

/** Alignment hints are those of the numbers, two to the power of these: what is read may begin at any of them. */
const float32Aligned = 2;
const float64Aligned = 3;

/** Spread over the lanes, a number takes fewer bytes than a constant of all of them; some browsers refuse to compile more than 4 kB at once. */
const zero: Code = [0x41, 0, ...simd(0x11)];

export const float32x4: Float32Lanes = {
  bytes: 16,
  type: vector,
  zero,
  constant: (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...simd(0x13)],
  load: (address, offset) => [...address, ...simd(0x00), float32Aligned, ...unsigned(offset)],
  store: (address, offset, value) => [...address, ...value, ...simd(0x0b), float32Aligned, ...unsigned(offset)],
  spread: (address, offset) => [...address, ...simd(0x09), float32Aligned, ...unsigned(offset)],
  plus: (a, b) => [...a, ...b, ...simd(0xe4)],
  minus: (a, b) => [...a, ...b, ...simd(0xe5)],
  times: (a, b) => [...a, ...b, ...simd(0xe6)],
  larger: (a, b) => [...a, ...b, ...simd(0xeb)],
  greater: (a, b) => [...a, ...b, ...simd(0x44)],
  equal: (a, b) => [...a, ...b, ...simd(0x41)],
  and: (a, b) => [...a, ...b, ...simd(0x4e)],
  andNot: (a, b) => [...a, ...b, ...simd(0x4f)],
};

/** One number in the first lane of a vector: for what is left over where four do not fit, with the same instructions. */
export const float32x1: Float32Lanes = {
  ...float32x4,
  bytes: 4,
  load: (address, offset) => [...address, ...simd(0x5c), float32Aligned, ...unsigned(offset)],
  store: (address, offset, value) => [...address, ...value, ...simd(0x5a), float32Aligned, ...unsigned(offset), 0],
};

/** A plain number, no vector. */
export const float64x1: Float64Lanes = {
  bytes: 8,
  type: float64,
  zero: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  load: (address, offset) => [...address, 0x2b, float64Aligned, ...unsigned(offset)],
  store: (address, offset, value) => [...address, ...value, 0x39, float64Aligned, ...unsigned(offset)],
  spread: (address, offset) => [...address, 0x2b, float64Aligned, ...unsigned(offset)],
  plus: (a, b) => [...a, ...b, 0xa0],
  minus: (a, b) => [...a, ...b, 0xa1],
  times: (a, b) => [...a, ...b, 0xa2],
  negative: (value) => [...value, 0x9a],
  total: (value) => value,
};

export const float64x2: Float64Lanes = {
  bytes: 16,
  type: vector,
  zero,
  load: (address, offset) => [...address, ...simd(0x00), float64Aligned, ...unsigned(offset)],
  store: (address, offset, value) => [...address, ...value, ...simd(0x0b), float64Aligned, ...unsigned(offset)],
  spread: (address, offset) => [...address, ...simd(0x0a), float64Aligned, ...unsigned(offset)],
  plus: (a, b) => [...a, ...b, ...simd(0xf0)],
  minus: (a, b) => [...a, ...b, ...simd(0xf1)],
  times: (a, b) => [...a, ...b, ...simd(0xf2)],
  negative: (value) => [...value, ...simd(0xed)],
  total: (value) => float64x1.plus([...value, ...simd(0x21), 0], [...value, ...simd(0x21), 1]),
};

/** Two of four float32 lanes as float64 lanes; `value` is computed twice for the last two. */
export const widened = (value: Code, lanes: "first" | "last"): Code =>
  lanes === "first" ? [...value, ...simd(0x5f)] : [...value, ...value, ...simd(0x0d), ...lastEightBytes, ...lastEightBytes, ...simd(0x5f)];

const lastEightBytes = [8, 9, 10, 11, 12, 13, 14, 15];
