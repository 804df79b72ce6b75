import { LetheError } from "@lethe/core";
import { gunzipSync } from "fflate";
import type { Compressors } from "hyparquet";
import { unpackSnappy } from "./snappy.ts";
import { badParquet } from "./thrift.ts";

interface Codec {
  /** Bytes that one packed byte can make at most. */
  readonly ratio: number;
  /** Exactly `length` bytes, or undefined. */
  unpack(packed: Uint8Array, length: number): Uint8Array | undefined;
}

const codecs: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["UNCOMPRESSED", { ratio: 1, unpack: (packed, length) => (packed.length === length ? packed : undefined) }],
  ["SNAPPY", { ratio: 32, unpack: unpackSnappy }],
  ["GZIP", { ratio: 1032, unpack: (packed, length) => gunzipSync(packed, { out: new Uint8Array(length) }) }],
]);

/**
 * Unpacks a page to exactly `length` bytes. No more is allocated than `packed` could make.
 *
 * @throws LetheError `data/unsupported-parquet` for another codec, `data/bad-parquet`.
 */
export function unpackPage(codec: string, packed: Uint8Array, length: number, source: string): Uint8Array {
  const found = codecs.get(codec);
  if (found === undefined) {
    const known = [...codecs.keys()].join(", ");
    throw new LetheError("data/unsupported-parquet", `${source} is packed by ${codec}; write it with one of ${known}.`, { source, codec });
  }
  let page: Uint8Array | undefined;
  try {
    if (length <= (packed.length + 2) * found.ratio) page = found.unpack(packed, length);
  } catch (cause) {
    throw badParquet(source, "a page cannot be unpacked", cause);
  }
  if (page?.length !== length) throw badParquet(source, "a page does not unpack to the size that its header states");
  return page;
}

/** The same for hyparquet. */
export function compressors(source: string): Compressors {
  return Object.fromEntries(
    [...codecs.keys()].map((codec) => [codec, (packed: Uint8Array, length: number) => unpackPage(codec, packed, length, source)]),
  );
}
