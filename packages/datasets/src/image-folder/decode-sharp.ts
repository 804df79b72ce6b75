import type { Sharp, SharpOptions } from "sharp";
import { mostPixels, type Picture } from "./picture.ts";

/** What is used of the optional package. */
export interface SharpModule {
  (input: Uint8Array, options: SharpOptions): Sharp;
  readonly versions: { readonly sharp?: string; readonly vips: string };
}

/** The optional package `sharp`, or undefined where it is not installed or does not run. */
export async function importSharp(): Promise<SharpModule | undefined> {
  try {
    return (await import("sharp")).default;
  } catch {
    return undefined;
  }
}

/** @throws Error with the reason. */
export async function decodeBySharp(sharp: SharpModule, bytes: Uint8Array): Promise<Picture> {
  // Colour profiles and the orientation of the camera are left alone, as the other decoders leave them.
  const image = sharp(bytes, { ignoreIcc: true, limitInputPixels: mostPixels, failOn: "warning" });
  const { data, info } = await image.toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, pixels: data };
  if (channels !== 1) throw new Error(`it has ${channels} channels`);
  return { width, height, pixels: Uint8Array.from({ length: 3 * width * height }, (_, i) => data[Math.floor(i / 3)]) };
}

/**
 * Whether a PNG gives the same pixels by sharp and by pngjs for certain: 8 bits deep, and no colour declared transparent, which pngjs paints over. The
 * others are left to pngjs.
 */
export function readsAlike(png: Uint8Array): boolean {
  const [depth, colourType] = [png[24], png[25]];
  return depth === 8 && (colourType === 4 || colourType === 6 || !hasTransparentColour(png));
}

function hasTransparentColour(png: Uint8Array): boolean {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = 8; at + 8 <= png.length;) {
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type === "tRNS") return true;
    if (type === "IDAT") return false;
    at += 12 + view.getUint32(at);
  }
  return false;
}
