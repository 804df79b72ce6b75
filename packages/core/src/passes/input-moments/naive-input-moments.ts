import type { Dataset } from "../../data/index.ts";
import { layerInputs, type Model } from "../../model/index.ts";
import { forEachBatch } from "../sum-over-batches.ts";
import { kernelsOf, type InputMoment, type InputMoments, type InputMomentsOptions } from "./input-moments.ts";
import { describeMoment, isDepthwise, linearMaps, windowsOf } from "./linear-maps.ts";
import type { Windows } from "./windows.ts";

/** The same by writing out every window and multiplying it with itself, all in float64: slow, obvious, and the oracle of `inputMoments`. */
export async function naiveInputMoments(model: Model, data: Dataset, options: InputMomentsOptions): Promise<InputMoments> {
  const { weights = model.weights, stride } = options;
  const maps = linearMaps(model.layers);
  const moments = new Map<string, InputMoment>();
  await forEachBatch(data, options, async (batch) => {
    const layers = [...new Set(maps.map(({ layer }) => layer))];
    for (const record of layerInputs(model, layers, weights, batch.inputs)) {
      const { layer, part, input } = record;
      const map = maps.find((each) => each.layer === layer && each.part === part);
      const values = (await input.data()) as Float32Array;
      input.dispose();
      if (map === undefined) continue;
      const { shape } = weights.parameters[map.kernel];
      const windows = windowsOf(map, record, shape, stride);
      const { dimension, channels } = describeMoment(map, shape);
      const fresh = { kernel: map.kernel, layer: layer.name, part, dimension, ...(channels === undefined ? {} : { channels }) };
      const before = moments.get(map.kernel) ?? { ...fresh, values: new Float64Array((channels ?? 1) * dimension ** 2), count: 0 };
      for (const window of eachWindow(values, windows, input.shape[0])) {
        if (isDepthwise(map)) addPerChannel(before.values, window, windows.channels);
        else addOuter(before.values, window);
      }
      moments.set(map.kernel, { ...before, count: before.count + input.shape[0] * windows.rows.windows * windows.columns.windows });
    }
  });
  const found = maps.flatMap(({ kernel }) => moments.get(kernel) ?? []);
  return { moments: found, uncovered: kernelsOf(model).filter((name) => !moments.has(name)) };
}

/** `[tap row, tap column, channel]` of one window after the other. */
function* eachWindow(images: Float32Array, { rows, columns, channels }: Windows, samples: number): Generator<Float64Array> {
  for (let n = 0; n < samples; n++) {
    for (let p = 0; p < rows.windows; p++) {
      for (let q = 0; q < columns.windows; q++) {
        const window = new Float64Array(rows.taps * columns.taps * channels);
        for (let k = 0; k < rows.taps; k++) {
          for (let l = 0; l < columns.taps; l++) {
            const y = p * rows.stride + k * rows.dilation - rows.before;
            const x = q * columns.stride + l * columns.dilation - columns.before;
            if (y < 0 || y >= rows.input || x < 0 || x >= columns.input) continue;
            const at = ((n * rows.input + y) * columns.input + x) * channels;
            window.set(images.subarray(at, at + channels), (k * columns.taps + l) * channels);
          }
        }
        yield window;
      }
    }
  }
}

function addOuter(values: Float64Array, x: Float64Array): void {
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) values[i * x.length + j] += x[i] * x[j];
}

function addPerChannel(values: Float64Array, window: Float64Array, channels: number): void {
  const taps = window.length / channels;
  for (let c = 0; c < channels; c++) {
    addOuter(
      values.subarray(c * taps ** 2, (c + 1) * taps ** 2),
      window.filter((_, at) => at % channels === c),
    );
  }
}
