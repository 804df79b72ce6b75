import type { WasmBackend } from "../kernel.ts";
import { channelProductsLoop, channelProductsModule } from "./channel-products.ts";
import type { ChannelProducts } from "./channel-products.ts";
import { outerProductsModule } from "./outer-products.ts";
import type { OuterProducts } from "./outer-products.ts";

interface Built {
  outer: OuterProducts | undefined;
  products: ChannelProducts;
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

function of(backend: WasmBackend): Built {
  const known = built.get(backend);
  if (known) return known;
  const memory = backend.wasm.asm?.memory;
  const fresh: Built = {
    outer: instantiate<OuterProducts>(outerProductsModule(), memory),
    products:
      instantiate<ChannelProducts>(channelProductsModule(), memory) ?? channelProductsLoop(() => new Float32Array(backend.wasm.HEAPU8.buffer)),
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
