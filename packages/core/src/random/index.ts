/** Randomness: one splittable generator and the few distributions drawn from it. Methods take randomness from nowhere else. */
export { createRandom, type Random } from "./random.ts";
export { withSeededMathRandom } from "./math-random.ts";
