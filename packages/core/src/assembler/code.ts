import { signed, unsigned, type Code } from "./encoding.ts";

/** One after the other. */
export const seq = (...parts: readonly Code[]): Code => parts.flat();

/** The value of a local variable, which is named by its number. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];

export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

/** A constant; like all integers here, it has 32 bits. */
export const int = (value: number): Code => [0x41, ...signed(value)];

/** The integer in memory at `address + offset` bytes. */
export const intAt = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];

export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const sub = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x6c];

/** The integer part of a float64 as an integer. */
export const truncated = (value: Code): Code => [...value, 0xaa];

/** `a >= b`, signed: a count that is stepped down may end below zero. */
export const atLeast = (a: Code, b: Code): Code => [...a, ...b, 0x4e];

/** `local += by` */
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
