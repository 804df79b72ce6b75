import fc from "fast-check";

// Tests draw the same in every run, or one in a thousand would fail for no fault of the code: initial weights and dropout masks that no layer seeds come
// from `Math.random`, the cases of property tests from fast-check. To draw others: TEST_SEED=$RANDOM npm test.
const seed = Number(process.env["TEST_SEED"] ?? 20240131);
fc.configureGlobal({ seed });

let state = seed >>> 0;
Math.random = () => {
  // SplitMix32 (Steele, Lea and Flood 2014): a Weyl sequence through a mixing function.
  state = (state + 0x9e3779b9) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
};
