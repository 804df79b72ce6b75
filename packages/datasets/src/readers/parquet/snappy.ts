/**
 * Unpacks raw Snappy into exactly `length` bytes; undefined for anything else. Every step consumes input and nothing is written outside the
 * output, whatever the input claims.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function unpackSnappy(packed: Uint8Array, length: number): Uint8Array | undefined {
  const output = new Uint8Array(length);
  let at = 0;
  let written = 0;
  // The length comes first, as a varint; the page's header has said it already.
  while (at < packed.length && packed[at] >= 0x80) at++;
  at++;
  const little = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += (packed[at + i] ?? 0) * 2 ** (8 * i);
    at += bytes;
    return value;
  };
  while (at < packed.length) {
    const tag = packed[at++];
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const count = (short < 60 ? short : little(short - 59)) + 1;
      if (at + count > packed.length || written + count > length) return undefined;
      output.set(packed.subarray(at, at + count), written);
      at += count;
      written += count;
      continue;
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = kind === 1 ? ((tag >> 5) << 8) + little(1) : little(kind === 2 ? 2 : 4);
    if (at > packed.length || distance === 0 || distance > written || written + count > length) return undefined;
    // Byte by byte, for a copy may overlap what it writes.
    for (let i = 0; i < count; i++) output[written + i] = output[written + i - distance];
    written += count;
  }
  return written === length ? output : undefined;
}
