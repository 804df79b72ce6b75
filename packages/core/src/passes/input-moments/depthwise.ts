import type { Accumulator } from "./gram.ts";
import { planProducts, runsOf, type Windows } from "./windows.ts";

/** Windows over one channel each: `[channels, taps, taps]`. In float64 throughout; there are but as many products as places and distances. */
export function depthwiseGram(windows: Windows): Accumulator {
  const { rows, columns, channels } = windows;
  const { products, blocks } = planProducts(windows);
  const runs = products.map((product) => runsOf(product, columns.input));
  const sums = products.map(() => new Float64Array(channels));
  const imageLength = rows.input * columns.input * channels;
  return {
    add(images, samples) {
      runs.forEach(({ firsts, length, step, shift }, id) => {
        const sum = sums[id];
        for (let n = 0; n < samples; n++) {
          for (const first of firsts) {
            let at = n * imageLength + first * channels;
            for (let m = 0; m < length; m++, at += step * channels) {
              const other = at + shift * channels;
              for (let c = 0; c < channels; c++) sum[c] += images[at + c] * images[other + c];
            }
          }
        }
      });
    },
    addTo(values) {
      const taps = rows.taps * columns.taps;
      for (const { i, j, products: ids } of blocks) {
        for (let c = 0; c < channels; c++) {
          for (const id of ids) values[(c * taps + i) * taps + j] += sums[id][c];
        }
      }
    },
  };
}
