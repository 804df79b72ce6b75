/** Passes over data on several threads, in Node. Importing this starts none. */
export { createWasmPool, type WasmPool, type WasmPoolOptions } from "./create-wasm-pool.ts";
