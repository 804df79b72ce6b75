import { unsigned, type Code } from "./encoding.ts";

/** Types of local variables, as the binary format numbers them. */
export const integer = 0x7f;
export const float64 = 0x7c;
export const vector = 0x7b;

/**
 * The local variables of one function over a memory, and the module that holds it. Parameters are integers: byte addresses, strides and counts.
 *
 * @example
 * // Doubles `count` numbers, four at a time and then one by one.
 * const locals = new Locals(["at", "count"]);
 * const { at, count } = locals.parameters;
 * const sweep = (lanes) => {
 *   const numbers = lanes.bytes / 4;
 *   const doubled = lanes.plus(lanes.load(get(at), 0), lanes.load(get(at), 0));
 *   const step = seq(lanes.store(get(at), 0, doubled), advance(at, int(lanes.bytes)), advance(count, int(-numbers)));
 *   return loop(atLeast(get(count), int(numbers)), step);
 * };
 * const bytes = locals.moduleOf(seq(sweep(float32x4), sweep(float32x1)));
 *
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const numbers = new Float32Array(memory.buffer, 0, 6);
 * numbers.set([1, 2, 3, 4, 5, 6]);
 * const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
 * run(0, 5);
 * [...numbers]; // [2, 4, 6, 8, 10, 6]
 */
export class Locals<Parameter extends string> {
  /** Numbers of the parameters, which are the first local variables. */
  readonly parameters: Readonly<Record<Parameter, number>>;
  readonly #parameterCount: number;
  readonly #types: number[] = [];

  constructor(parameters: readonly Parameter[]) {
    this.parameters = Object.fromEntries(parameters.map((name, index) => [name, index])) as Record<Parameter, number>;
    this.#parameterCount = parameters.length;
  }

  /** The number of a new local variable. */
  take(type: number): number {
    return this.#parameterCount + this.#types.push(type) - 1;
  }

  many(count: number, type: number): number[] {
    return Array.from({ length: count }, () => this.take(type));
  }

  /** The bytes of a module that imports `env.memory` and exports the function `run` of these parameters, which returns nothing. */
  moduleOf(body: Code): Uint8Array<ArrayBuffer> {
    const parameters = [...unsigned(this.#parameterCount), ...Array.from({ length: this.#parameterCount }, () => integer)];
    const declared = [...unsigned(this.#types.length), ...this.#types.flatMap((type) => [1, type])];
    const code = [...declared, ...body, 0x0b];
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
