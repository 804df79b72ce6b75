import { decode as decodeJpegJs } from "jpeg-js";
import { PNG } from "pngjs";
import { mostPixels, type Picture } from "./picture.ts";

export function isPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** @throws Error with the reason. */
export function decodePng(bytes: Uint8Array): Picture {
  expectModest(bytes);
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return { width, height, pixels: withoutAlpha(data, width * height) };
}

/** @throws Error with the reason. */
export function decodeJpeg(bytes: Uint8Array): Picture {
  const { width, height, data } = decodeJpegJs(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: mostPixels / 1e6,
    maxMemoryUsageInMB: 4096,
  });
  return { width, height, pixels: data };
}

function expectModest(bytes: Uint8Array): void {
  if (bytes.length < 24) throw new Error("it ends within its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > mostPixels)
    throw new Error(`its header states ${width} x ${height} pixels, of which at most ${mostPixels / 1e6} million are read`);
}

function withoutAlpha(rgba: Uint8Array, count: number): Uint8Array {
  const rgb = new Uint8Array(3 * count);
  for (let pixel = 0; pixel < count; pixel++) {
    rgb[3 * pixel] = rgba[4 * pixel];
    rgb[3 * pixel + 1] = rgba[4 * pixel + 1];
    rgb[3 * pixel + 2] = rgba[4 * pixel + 2];
  }
  return rgb;
}
