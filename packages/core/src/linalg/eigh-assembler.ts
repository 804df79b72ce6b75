/**
 * Just enough of the WebAssembly binary format to write one function over float64 pairs by hand: an expression is a list of bytes, and every helper
 * below takes expressions and returns a longer one. Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export type Code = readonly number[];

/** Value types as the binary format numbers them. */
export const i32 = 0x7f;
export const f64 = 0x7c;
export const v128 = 0x7b;

const unsigned = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]);
const signed = (value: number): number[] => (value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]);
/** Alignment hint 3 (eight bytes): rows begin at any number, not only at even ones. */
const at = (offset: number): number[] => [3, ...unsigned(offset)];
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const seq = (...parts: readonly Code[]): Code => parts.flat();
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const sub = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
/** The integer part of a float64 as an integer. */
export const truncated = (value: Code): Code => [...value, 0xaa];
/** Signed, as counts are: `a >= b`. */
export const atLeast = (a: Code, b: Code): Code => [...a, ...b, 0x4e];
export const advance = (local: number, by: Code): Code => set(local, add(get(local), by));

/** `while (condition) body` */
export const loop = (condition: Code, body: Code): Code => [0x03, 0x40, ...condition, 0x04, 0x40, ...body, 0x0c, 1, 0x0b, 0x0b];

/** The operations of one number or of two side by side, so that a loop is written once for both. */
export interface Lanes {
  readonly bytes: number;
  readonly type: number;
  readonly zero: Code;
  load(address: Code, offset: number): Code;
  store(address: Code, offset: number, value: Code): Code;
  /** One number, in every lane. */
  spread(address: Code, offset: number): Code;
  plus(a: Code, b: Code): Code;
  times(a: Code, b: Code): Code;
  negative(value: Code): Code;
  /** The sum over lanes, as one number. */
  total(value: Code): Code;
}

export const oneLane: Lanes = {
  bytes: 8,
  type: f64,
  zero: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  load: (address, offset) => [...address, 0x2b, ...at(offset)],
  store: (address, offset, value) => [...address, ...value, 0x39, ...at(offset)],
  spread: (address, offset) => [...address, 0x2b, ...at(offset)],
  plus: (a, b) => [...a, ...b, 0xa0],
  times: (a, b) => [...a, ...b, 0xa2],
  negative: (value) => [...value, 0x9a],
  total: (value) => value,
};

export const twoLanes: Lanes = {
  bytes: 16,
  type: v128,
  zero: [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)],
  load: (address, offset) => [...address, ...simd(0x00), ...at(offset)],
  store: (address, offset, value) => [...address, ...value, ...simd(0x0b), ...at(offset)],
  spread: (address, offset) => [...address, ...simd(0x0a), ...at(offset)],
  plus: (a, b) => [...a, ...b, ...simd(0xf0)],
  times: (a, b) => [...a, ...b, ...simd(0xf2)],
  negative: (value) => [...value, ...simd(0xed)],
  total: (value) => oneLane.plus([...value, ...simd(0x21), 0], [...value, ...simd(0x21), 1]),
};

/** Hands out the numbers of local variables; parameters, all 32-bit integers, are the first ones. */
export class Locals {
  readonly #types: number[] = [];
  readonly #parameters: number;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  take(type: number): number {
    return this.#parameters + this.#types.push(type) - 1;
  }

  many(count: number, type: number): number[] {
    return Array.from({ length: count }, () => this.take(type));
  }

  /** The bytes of a module that imports `env.memory` and exports the function `run`, which returns nothing. */
  moduleOf(body: Code): Uint8Array<ArrayBuffer> {
    const declared = [...unsigned(this.#types.length), ...this.#types.flatMap((type) => [1, type])];
    const code = [...declared, ...body, 0x0b];
    const parameters = [...unsigned(this.#parameters), ...Array.from({ length: this.#parameters }, () => i32)];
    const head = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    return Uint8Array.from([
      ...head,
      ...section(1, [1, 0x60, ...parameters, 0]),
      ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, 1]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...name("run"), 0, 0]),
      ...section(10, [1, ...unsigned(code.length), ...code]),
    ]);
  }
}

const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];
const name = (text: string): Code => [...unsigned(text.length), ...Array.from(text, (letter) => letter.charCodeAt(0))];
