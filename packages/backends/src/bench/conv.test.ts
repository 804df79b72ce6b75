import { expect, it } from "vitest";
import { convBackwardOverForwardRate } from "./conv.ts";

// The goal, 0.6, is held by rates.slow.test.ts on a quiet machine; here, that the measurement runs and is not far off.
it("measures the gradients of a convolution against the convolution", async () => {
  expect(await convBackwardOverForwardRate()).toBeGreaterThan(0.3);
});
