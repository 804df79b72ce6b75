/**
 * Just enough of the WebAssembly binary format to write one SIMD function by hand: an expression is a list of bytes, and every helper
 * below takes expressions and returns a longer one. Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export type Code = readonly number[];

/** Value types as the binary format numbers them. */
export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;

const unsigned = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]);

const signed = (value: number): number[] => (value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]);

/** Alignment hint 2 (four bytes): tensors are aligned to floats, never promised to be aligned to vectors. */
const at = (offset: number): number[] => [2, ...unsigned(offset)];
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const seq = (...parts: Code[]): Code => parts.flat();
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const sub = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const atLeast = (a: Code, b: Code): Code => [...a, ...b, 0x4f];
export const advance = (local: number, by: Code): Code => set(local, add(get(local), by));

/** `if (condition) body` */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];

/** `while (condition) body` */
export const loop = (condition: Code, body: Code): Code => [0x03, 0x40, ...when(condition, [...body, 0x0c, 1]), 0x0b];

/** `do body while (--counter)`: one branch per turn; the counter must be at least one. */
export const repeat = (counter: number, body: Code): Code => {
  const next = [...sub(get(counter), int(1)), 0x22, ...unsigned(counter)];
  return [0x03, 0x40, ...body, ...next, 0x0d, 0, 0x0b];
};

/** The operations of one float lane or four, so that a tile is written once for both. */
export interface Lanes {
  zero: Code;
  load: (address: Code, offset: number) => Code;
  store: (address: Code, value: Code) => Code;
  /** One float, in every lane. */
  spread: (address: Code, offset: number) => Code;
  plus: (a: Code, b: Code) => Code;
  times: (a: Code, b: Code) => Code;
}

export const oneLane: Lanes = {
  zero: [0x43, 0, 0, 0, 0],
  load: (address, offset) => [...address, 0x2a, ...at(offset)],
  store: (address, value) => [...address, ...value, 0x38, ...at(0)],
  spread: (address, offset) => [...address, 0x2a, ...at(offset)],
  plus: (a, b) => [...a, ...b, 0x92],
  times: (a, b) => [...a, ...b, 0x94],
};

export const fourLanes: Lanes = {
  zero: [...simd(0x0c), ...Array.from({ length: 16 }, () => 0)],
  load: (address, offset) => [...address, ...simd(0x00), ...at(offset)],
  store: (address, value) => [...address, ...value, ...simd(0x0b), ...at(0)],
  spread: (address, offset) => [...address, ...simd(0x09), ...at(offset)],
  plus: (a, b) => [...a, ...b, ...simd(0xe4)],
  times: (a, b) => [...a, ...b, ...simd(0xe6)],
};

/** Numbers of local variables by name, from `first` on; parameters are the first local variables. */
export function locals<const Name extends string>(names: readonly Name[], first = 0): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, first + index])) as Record<Name, number>;
}

const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];
const name = (text: string): Code => [...unsigned(text.length), ...Array.from(text, (letter) => letter.charCodeAt(0))];

/**
 * A module that imports `env.memory` and exports one function `run` of `parameters` 32-bit integers and no result.
 *
 * @param variables runs of equal local variables after the parameters, as [count, value type]
 */
export function moduleOf(parameters: number, variables: readonly (readonly [number, number])[], body: Code): Uint8Array<ArrayBuffer> {
  const declared = [...unsigned(variables.length), ...variables.flatMap(([count, type]) => [...unsigned(count), type])];
  const code = [...declared, ...body, 0x0b];
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, ...unsigned(parameters), ...Array.from({ length: parameters }, () => i32), 0]),
    ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("run"), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
