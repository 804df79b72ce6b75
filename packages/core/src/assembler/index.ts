/**
 * Assembler: just enough of the WebAssembly binary format to write one SIMD function at run time. An expression is a list of bytes, and
 * every helper takes expressions and returns a longer one; `Locals` numbers the variables and makes the module. Nothing is checked here: the
 * engine refuses a module that is not well formed. Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
export { add, advance, atLeast, get, int, intAt, loop, mul, repeat, seq, set, sub, truncated, when } from "./code.ts";
export type { Code } from "./encoding.ts";
export { float32x1, float32x4, float64x1, float64x2, widened, type Float32Lanes, type Float64Lanes, type Lanes } from "./lanes.ts";
export { float64, integer, Locals, vector } from "./locals.ts";
