import type { Picture } from "./picture.ts";

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/**
 * A picture in another size. The largest centred rectangle with the proportions of `size` is cut out, its sides rounded to whole pixels, and scaled by a
 * triangle filter as wide as the step (so that shrinking averages and enlarging is bilinear), first along rows and then along columns, rounded once at
 * the end. A picture of that size stays as it is.
 */
export function fitted(picture: Picture, size: ImageSize): Picture {
  const { width, height, pixels } = picture;
  if (width === size.width && height === size.height) return picture;
  const scale = Math.min(width / size.width, height / size.height);
  const across = section(width, Math.max(1, Math.round(scale * size.width)), size.width);
  const down = section(height, Math.max(1, Math.round(scale * size.height)), size.height);
  const rows = new Float32Array(height * size.width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size.width; x++) {
      const { first, weights } = across[x];
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * pixels[3 * (y * width + first + i) + channel];
        rows[3 * (y * size.width + x) + channel] = sum;
      }
    }
  }
  const result = new Uint8Array(size.height * size.width * 3);
  const stride = 3 * size.width;
  for (let y = 0; y < size.height; y++) {
    const { first, weights } = down[y];
    for (let at = 0; at < stride; at++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * rows[(first + i) * stride + at];
      result[y * stride + at] = Math.round(sum);
    }
  }
  return { ...size, pixels: result };
}

interface Taps {
  /** Of the pixels that have a weight. */
  readonly first: number;
  /** Their sum is 1. */
  readonly weights: readonly number[];
}

/** How each of `target` new pixels is made of the centred `kept` of `length` old ones. */
function section(length: number, kept: number, target: number): readonly Taps[] {
  const start = Math.floor((length - kept) / 2);
  const step = kept / target;
  const reach = Math.max(1, step);
  return Array.from({ length: target }, (_, position) => {
    const centre = (position + 0.5) * step;
    const first = Math.max(0, Math.ceil(centre - reach - 0.5));
    const last = Math.min(kept - 1, Math.floor(centre + reach - 0.5));
    const raw = Array.from({ length: last - first + 1 }, (_, i) => Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / reach));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first: start + first, weights: raw.map((weight) => weight / total) };
  });
}

/** Brightness by ITU-R 601 in whole numbers: (19595 R + 38470 G + 7471 B + 32768) / 65536, cut off. */
export function greyOf({ width, height, pixels }: Picture): Uint8Array {
  return Uint8Array.from(
    { length: width * height },
    (_, i) => (19595 * pixels[3 * i] + 38470 * pixels[3 * i + 1] + 7471 * pixels[3 * i + 2] + 32768) >> 16,
  );
}
