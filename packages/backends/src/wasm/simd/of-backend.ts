import type { WasmBackend } from "../kernel.ts";
import { channelProductsLoop, channelProductsModule } from "./channel-products.ts";
import type { ChannelProducts } from "./channel-products.ts";
import { normaliseModule } from "./normalise.ts";
import type { Normalise } from "./normalise.ts";
import { outerProductsModule } from "./outer-products.ts";
import type { OuterProducts } from "./outer-products.ts";
import { passToLargestLoop, passToLargestModule } from "./pass-to-largest.ts";
import type { PassToLargest } from "./pass-to-largest.ts";

interface Built {
  outer: OuterProducts | undefined;
  products: ChannelProducts;
  largest: PassToLargest;
  normalise: Normalise | undefined;
}

const built = new WeakMap<WasmBackend, Built>();

/**
 * Outer products over the backend's own heap, built on first use; `undefined` where the engine has no SIMD, or the heap is shared between
 * threads (there the stock kernels, which use every thread, are the faster way).
 */
export function outerProductsOf(backend: WasmBackend): OuterProducts | undefined {
  return of(backend).outer;
}

/** Channel products over the backend's own heap, as a plain loop where {@link outerProductsOf} has nothing. */
export function channelProductsOf(backend: WasmBackend): ChannelProducts {
  return of(backend).products;
}

/** The gradient of maxima over the backend's own heap, as a plain loop where {@link outerProductsOf} has nothing. */
export function passToLargestOf(backend: WasmBackend): PassToLargest {
  return of(backend).largest;
}

/** Normalisation over the backend's own heap; `undefined` where {@link outerProductsOf} has nothing. */
export function normaliseOf(backend: WasmBackend): Normalise | undefined {
  return of(backend).normalise;
}

function of(backend: WasmBackend): Built {
  const known = built.get(backend);
  if (known) return known;
  const memory = backend.wasm.asm?.memory;
  const heap = (): ArrayBufferLike => backend.wasm.HEAPU8.buffer;
  const fresh: Built = {
    outer: instantiate<OuterProducts>(outerProductsModule(), memory),
    products: instantiate<ChannelProducts>(channelProductsModule(), memory) ?? channelProductsLoop(() => new Float32Array(heap())),
    largest: instantiate<PassToLargest>(passToLargestModule(), memory) ?? passToLargestLoop(heap),
    normalise: instantiate<Normalise>(normaliseModule(), memory),
  };
  built.set(backend, fresh);
  return fresh;
}

function instantiate<Run>(bytes: Uint8Array<ArrayBuffer>, memory: unknown): Run | undefined {
  const usable = memory instanceof WebAssembly.Memory && memory.buffer instanceof ArrayBuffer && WebAssembly.validate(bytes);
  if (!usable) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports["run"] as Run;
}
