import { LetheError } from "../errors/index.ts";
import { plainKernels, type Kernels } from "./eigh-kernels.ts";
import { productModule } from "./eigh-simd-product.ts";
import { rotationsModule } from "./eigh-simd-rotations.ts";
import { combineModule, dotsModule } from "./eigh-simd-rows.ts";
import { triangleModule } from "./eigh-simd-triangle.ts";

/** `"simd"` where the engine has 128-bit WebAssembly, `"plain"` JavaScript elsewhere; results differ by rounding. */
export type Engine = "simd" | "plain";

/** One heap of float64 numbers for a whole decomposition, the kernels that work on it, and a way to claim parts of it. It is gone with its last reader. */
export interface Workspace {
  readonly heap: Float64Array;
  readonly kernels: Kernels;
  /** Where `length` fresh zeros begin. */
  claim(length: number): number;
}

/** Below this many numbers, those of some forty rows, plain code is as fast, and a first call need not compile anything. */
const worthCompiling = 20_000;

/** Numbers that rounding every claim up to whole cache lines may cost. */
export const slack = 256;

const pageBytes = 65_536;

/** @throws LetheError `linalg/out-of-memory` where the engine cannot give that much. */
export function createWorkspace(length: number, engine: Engine = length < worthCompiling ? "plain" : "simd"): Workspace {
  const loops = engine === "simd" ? loopsOfEngine() : undefined;
  const { heap, kernels } = allocated(length, loops);
  let claimed = 0;
  return {
    heap,
    kernels,
    claim: (wanted) => {
      const start = claimed;
      // Whole cache lines, so that no two parts share one.
      claimed += Math.ceil(wanted / 8) * 8;
      if (claimed > heap.length) throw new RangeError(`${claimed} numbers claimed of a workspace of ${heap.length}`);
      return start;
    },
  };
}

type Loops = Readonly<Record<keyof Kernels, WebAssembly.Module>>;

/** Compiled by the first decomposition and kept: some 6 ms, and the engine's optimised code of them with it. `null` where there was nothing to compile with. */
let compiledLoops: Loops | null | undefined;

function loopsOfEngine(): Loops | undefined {
  if (compiledLoops === undefined) compiledLoops = compiled() ?? null;
  return compiledLoops ?? undefined;
}

/** Nothing where the engine has no 128-bit vectors, or the page's policy forbids compiling. */
function compiled(): Loops | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  try {
    // One module for each loop: some browsers refuse to compile more than 4 kB at once on their main thread.
    return {
      product: new WebAssembly.Module(productModule()),
      triangle: new WebAssembly.Module(triangleModule()),
      dots: new WebAssembly.Module(dotsModule()),
      combine: new WebAssembly.Module(combineModule()),
      rotate: new WebAssembly.Module(rotationsModule()),
    };
  } catch {
    return undefined;
  }
}

function allocated(length: number, loops: Loops | undefined): Pick<Workspace, "heap" | "kernels"> {
  try {
    if (loops) return simdHeap(length, loops);
    const heap = new Float64Array(length);
    return { heap, kernels: plainKernels(heap) };
  } catch (cause) {
    const megabytes = Math.ceil((length * 8) / 1e6);
    const sentence = `The decomposition needs ${megabytes} MB in one piece, which this engine does not give; take a smaller matrix or ask for a few eigenvalues only.`;
    throw new LetheError("linalg/out-of-memory", sentence, { megabytes }, { cause });
  }
}

type Run = (...integers: number[]) => void;

function simdHeap(length: number, loops: Loops): Pick<Workspace, "heap" | "kernels"> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((length * 8) / pageBytes) });
  const run = (loop: WebAssembly.Module): Run => new WebAssembly.Instance(loop, { env: { memory } }).exports["run"] as Run;
  const [product, triangle, dots] = [run(loops.product), run(loops.triangle), run(loops.dots)];
  const [combine, rotate] = [run(loops.combine), run(loops.rotate)];
  return {
    heap: new Float64Array(memory.buffer),
    kernels: {
      product: (a, aStride, b, c, cStride, rows, panels, depth) => product(a * 8, aStride * 8, b * 8, c * 8, cStride * 8, rows, panels, depth),
      triangle: (a, stride, x, y, dimension) => triangle(a * 8, stride * 8, x * 8, y * 8, dimension),
      dots: (matrix, stride, short, long, rows, columns) => dots(matrix * 8, stride * 8, short * 8, long * 8, rows, columns),
      combine: (matrix, stride, short, long, rows, columns) => combine(matrix * 8, stride * 8, short * 8, long * 8, rows, columns),
      rotate: (list, strip, count) => rotate(list * 8, strip * 8, count),
    },
  };
}
