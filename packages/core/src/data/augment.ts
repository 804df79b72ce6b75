import { LetheError } from "../errors/index.ts";
import type { Random } from "../random/index.ts";
import type { Samples } from "./dataset.ts";

/** Random crop after zero-padding by `crop` pixels on each side, and horizontal flip with the given probability. */
export interface Augmentation {
  readonly crop?: number;
  readonly flip?: number;
}

/**
 * Augmented copies of images `[n, height, width, channels]`.
 *
 * Sample i draws from `random.split(key(i))`, so that its picture does not depend on which batch it fell into.
 * @throws LetheError `data/not-images` when the inputs are not of rank 4.
 */
export function augmentImages(samples: Samples, augmentation: Augmentation, random: Random, key: (position: number) => string | number): Samples {
  const { shape, values } = samples.inputs;
  if (shape.length !== 4) throw new LetheError("data/not-images", `Crop and flip need images of rank 3, not inputs of shape [${shape.slice(1).join(", ")}].`);
  const [count, height, width, channels] = shape;
  const { crop = 0, flip = 0 } = augmentation;
  const result = new Float32Array(values.length);
  for (let n = 0; n < count; n++) {
    const draw = random.split(key(n));
    const down = draw.integer(2 * crop + 1) - crop;
    const right = draw.integer(2 * crop + 1) - crop;
    const mirrored = draw.uniform() < flip;
    for (let row = 0; row < height; row++) {
      const sourceRow = row + down;
      if (sourceRow < 0 || sourceRow >= height) continue;
      for (let column = 0; column < width; column++) {
        const sourceColumn = (mirrored ? width - 1 - column : column) + right;
        if (sourceColumn < 0 || sourceColumn >= width) continue;
        const source = ((n * height + sourceRow) * width + sourceColumn) * channels;
        const target = ((n * height + row) * width + column) * channels;
        for (let channel = 0; channel < channels; channel++) result[target + channel] = values[source + channel];
      }
    }
  }
  return { inputs: { shape, values: result }, labels: samples.labels };
}
