/** A decoded picture: `[height, width, 3]` bytes, red, green and blue side by side. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A picture of more pixels is refused before it is unpacked: a small file may unpack to anything. */
export const mostPixels = 100_000_000;
