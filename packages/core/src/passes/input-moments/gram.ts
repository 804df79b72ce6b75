import type { Heap } from "./heap.ts";
import { panelWidth, tileHeight, tileLength, type Precision } from "./outer-products.ts";
import { planProducts, runsOf, type Runs, type Windows } from "./windows.ts";

/** Sums of x x^T over the windows x of the images it is given. */
export interface Accumulator {
  /** Adds `samples` images `[samples, height, width, channels]`. */
  add(images: Float32Array, samples: number): void;
  /** Adds what was summed to `values`: `[d, d]`, or `[channels, taps, taps]` where each channel has windows of its own. */
  addTo(values: Float64Array): void;
}

/**
 * Places that one call of the kernel sums over, in float32 but for vectors that come one a sample. Rounding grows with their number, the share of time
 * that goes into adding in float64 falls with it: some 5 % at 64.
 */
const placesAtOnce = 64;

/** Images are copied as many at a time as fit a second-level cache beside the sums. */
const bytesAtOnce = 1 << 20;

/** Beyond as many channels, places of one panel are so far apart that they drive each other out of the first-level cache: panels are then copied one by one. */
const mostChannelsAsIs = 64;

/** What one kind of window needs of a heap, and how to sum there. */
export interface GramPlan {
  readonly bytes: number;
  /** Bytes that are needed during `add` only, and may be shared. */
  readonly scratchBytes: number;
  /** @param at address of `bytes` zeros, and `scratch` of `scratchBytes` bytes. */
  begin(heap: Heap, at: number, scratch: number): Accumulator;
}

interface Sum {
  readonly runs: Runs;
  readonly triangle: 0 | 1;
  /** Byte addresses, from the begin of the plan's part. */
  readonly tiles: number;
  readonly firsts: number;
}

/** Windows over all channels, of at most `samples` images in one call of `add`. */
export function planGram(windows: Windows, samples: number): GramPlan {
  const { rows, columns, channels } = windows;
  const places = rows.input * columns.input;
  const panels = Math.ceil(channels / panelWidth);
  const tileRows = Math.ceil(channels / tileHeight);
  const asIs = channels % panelWidth === 0 && channels <= mostChannelsAsIs;
  const imageBytes = places * panels * panelWidth * 4;
  const atOnce = Math.min(samples, Math.max(1, Math.floor(bytesAtOnce / imageBytes)));
  const placeBytes = (asIs ? channels : panelWidth) * 4;
  const panelBytes = asIs ? panelWidth * 4 : atOnce * places * placeBytes;
  const { products, blocks } = planProducts(windows);
  // Vectors that come one a sample may be fewer than they are long: the eigenvalues that should then be zero must not be those of rounding.
  const precision: Precision = places === 1 ? "float64" : "float32";

  let bytes = 0;
  const claim = (wanted: number): number => (bytes += Math.ceil(wanted / 8) * 8) - Math.ceil(wanted / 8) * 8;
  const sums = products.map((product): Sum => {
    const runs = runsOf(product, columns.input);
    const triangle = runs.shift === 0 ? 1 : 0;
    const tiles = claim(tileCount(tileRows, panels, triangle) * tileLength * 8);
    return { runs, triangle, tiles, firsts: claim(runs.firsts.length * atOnce * 4) };
  });
  const isWhole = ({ firsts, length, step }: Runs): boolean => step === 1 && firsts.length * length === places;

  const begin = (heap: Heap, at: number, scratch: number): Accumulator => {
    for (const { runs, firsts } of sums) {
      for (let n = 0, to = (at + firsts) / 4; n < atOnce; n++) {
        for (const first of runs.firsts) heap.integers[to++] = (n * places + first) * placeBytes;
      }
    }
    const outerProducts = heap.outerProducts[precision];
    const sumOver = (sum: Sum, runCount: number, length: number): void => {
      const step = sum.runs.step * placeBytes;
      const together = Math.max(1, Math.floor(placesAtOnce / length));
      for (let run = 0; run < runCount; run += together) {
        for (let from = 0; from < length; from += placesAtOnce) {
          outerProducts(
            scratch + from * step,
            panelBytes,
            tileRows,
            panels,
            at + sum.firsts + run * 4,
            Math.min(together, runCount - run),
            Math.min(placesAtOnce, length - from),
            step,
            sum.runs.shift * placeBytes,
            at + sum.tiles,
            sum.triangle,
          );
        }
      }
    };
    return {
      add(images, count) {
        for (let first = 0; first < count; first += atOnce) {
          const some = Math.min(atOnce, count - first);
          const now = images.subarray(first * places * channels, (first + some) * places * channels);
          if (asIs) heap.floats.set(now, scratch / 4);
          else toPanels(now, heap.floats, scratch / 4, channels, panelBytes / 4);
          for (const sum of sums) {
            // Where every place belongs to the product, images follow each other in one run.
            if (isWhole(sum.runs)) sumOver(sum, 1, some * places);
            else sumOver(sum, sum.runs.firsts.length * some, sum.runs.length);
          }
        }
      },
      addTo(values) {
        const dimension = rows.taps * columns.taps * channels;
        for (const { i, j, products: ids } of blocks) {
          const corner = i * channels * dimension + j * channels;
          for (const id of ids) addTiles(heap.doubles, (at + sums[id].tiles) / 8, sums[id].triangle, channels, values, corner, dimension);
        }
      },
    };
  };
  return { bytes, scratchBytes: atOnce * imageBytes, begin };
}

function tileCount(tileRows: number, panels: number, triangle: 0 | 1): number {
  return Array.from({ length: tileRows }, (_, row) => panels - triangle * (row >> 1)).reduce((sum, count) => sum + count, 0);
}

/** `[place, channel]` to `[panel][place][channel]`, with zeros in the last panel's missing channels. */
function toPanels(images: Float32Array, floats: Float32Array, at: number, channels: number, panelLength: number): void {
  for (let channel = 0; channel < channels; channel += panelWidth, at += panelLength) {
    const wide = Math.min(panelWidth, channels - channel);
    for (let from = channel, to = at; from < images.length; from += channels, to += panelWidth) {
      for (let c = 0; c < wide; c++) floats[to + c] = images[from + c];
      for (let c = wide; c < panelWidth; c++) floats[to + c] = 0;
    }
  }
}

/** Adds tiles of `[channels, channels]` to the block of `values` at `corner`; of a triangle, what is on and above the diagonal. */
function addTiles(tiles: Float64Array, at: number, triangle: 0 | 1, channels: number, values: Float64Array, corner: number, dimension: number): void {
  for (let row = 0; row < channels; row += tileHeight) {
    const first = triangle === 1 ? row - (row % panelWidth) : 0;
    for (let column = first; column < channels; column += panelWidth, at += tileLength) {
      const wide = Math.min(panelWidth, channels - column);
      for (let r = 0; r < Math.min(tileHeight, channels - row); r++) {
        const to = corner + (row + r) * dimension + column;
        for (let c = triangle === 1 ? Math.max(0, row + r - column) : 0; c < wide; c++) values[to + c] += tiles[at + r * panelWidth + c];
      }
    }
  }
}
