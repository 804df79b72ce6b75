import { badParquet } from "./thrift.ts";

/** Writers may pad the last bit-packed run; parquet-mr packs at most 63 groups of 8 at once. */
const mostPadding = 63 * 8;

/**
 * Checks the runs of Parquet's hybrid of run lengths and bit packing: together they hold about the `count` values that are wanted, so that no
 * reader is made to write a run of billions into an array for ten.
 *
 * @throws LetheError `data/bad-parquet`.
 */
export function expectBoundedRuns(bytes: Uint8Array, start: number, end: number, bitWidth: number, count: number, source: string): void {
  let at = start;
  let seen = 0;
  while (seen < count && at < Math.min(end, bytes.length)) {
    let header = 0;
    let last = 0x80;
    for (let shift = 0; last >= 0x80; shift++) {
      if (shift > 4 || at >= bytes.length) throw badParquet(source, "a run has no length");
      last = bytes[at++];
      header += (last & 0x7f) * 2 ** (7 * shift);
    }
    const packed = header % 2 === 1;
    const groups = Math.floor(header / 2);
    const values = packed ? 8 * groups : groups;
    if (values > count - seen + (packed ? mostPadding : 0)) throw badParquet(source, "a run is longer than its page");
    at += packed ? groups * bitWidth : Math.ceil(bitWidth / 8);
    seen += values;
  }
}
