import { LetheError } from "../../errors/index.ts";
import { outerProductsModule, plainOuterProducts, type OuterProducts, type Precision } from "./outer-products.ts";

/** `"simd"` where the engine has 128-bit WebAssembly, `"plain"` JavaScript elsewhere; results differ by rounding. */
export type Engine = "simd" | "plain";

/** Memory that sums of outer products are made in. */
export interface Heap {
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly outerProducts: Readonly<Record<Precision, OuterProducts>>;
}

const pageBytes = 65_536;
/** What 32-bit addresses reach. */
const mostBytes = 2 ** 32 - pageBytes;

/** @throws LetheError `pass/out-of-memory` where the engine cannot give that much in one piece. */
export function createHeap(bytes: number, engine: Engine = "simd"): Heap {
  const modules = engine === "simd" ? compiledModules() : undefined;
  try {
    if (bytes > mostBytes) throw new RangeError("beyond 32-bit addresses");
    if (!modules) {
      const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
      const plain = plainOuterProducts(buffer);
      return { ...viewsOf(buffer), outerProducts: { float32: plain, float64: plain } };
    }
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
    const run = (precision: Precision): OuterProducts =>
      new WebAssembly.Instance(modules[precision], { env: { memory } }).exports["run"] as OuterProducts;
    return { ...viewsOf(memory.buffer), outerProducts: { float32: run("float32"), float64: run("float64") } };
  } catch (cause) {
    const megabytes = Math.ceil(bytes / 1e6);
    const sentence = `The second moments of the layers' inputs need ${megabytes} MB in one piece, which this engine does not give; take a model with narrower layers.`;
    throw new LetheError("pass/out-of-memory", sentence, { megabytes }, { cause });
  }
}

function viewsOf(buffer: ArrayBuffer): Pick<Heap, "floats" | "doubles" | "integers"> {
  return { floats: new Float32Array(buffer), doubles: new Float64Array(buffer), integers: new Int32Array(buffer) };
}

type Modules = Readonly<Record<Precision, WebAssembly.Module>>;

/** Compiled by the first pass and kept, and the engine's optimised code of it with it. `null` where there was nothing to compile with. */
let compiled: Modules | null | undefined;

/** Nothing where the engine has no 128-bit vectors, or the page's policy forbids compiling. */
function compiledModules(): Modules | undefined {
  if (compiled === undefined) {
    try {
      const compile = (precision: Precision): WebAssembly.Module => new WebAssembly.Module(outerProductsModule(precision));
      compiled = { float32: compile("float32"), float64: compile("float64") };
    } catch {
      compiled = null;
    }
  }
  return compiled ?? undefined;
}
