import type { Random } from "./random.ts";

/**
 * Runs `body` with `Math.random` replaced by `random`, and restores it before returning.
 *
 * tfjs draws dropout masks, noise layers and initial weights from `Math.random` wherever a layer states no seed of its own, and offers no
 * other way in. `body` must be synchronous: nothing else can then see the replacement.
 */
export function withSeededMathRandom<Result>(random: Random, body: () => Result): Result {
  const original = Math.random;
  Math.random = () => random.uniform();
  try {
    return body();
  } finally {
    Math.random = original;
  }
}
