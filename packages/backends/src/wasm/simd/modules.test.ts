import { expect, it } from "vitest";
import { channelProductsModule } from "./channel-products.ts";
import { normaliseModule } from "./normalise.ts";
import { outerProductsModule } from "./outer-products.ts";
import { passToLargestModule } from "./pass-to-largest.ts";

it.each([channelProductsModule, normaliseModule, outerProductsModule, passToLargestModule])(
  "%o is well formed, and small enough for browsers that compile 4 kB at once on their main thread",
  (module) => {
    expect(WebAssembly.validate(module())).toBe(true);
    expect(module().length).toBeLessThanOrEqual(4096);
  },
);
