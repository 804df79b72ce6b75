import { LetheError } from "@lethe/core";

export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;
/** Fields by number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** Parquet's own structures are at most seven deep. */
const deepest = 24;
const typeTrue = 1;
const typeFalse = 2;

/**
 * Reads one structure in Thrift's compact protocol, which Parquet writes its headers in, and returns it with the offset of its end. A list is
 * never longer than the bytes that are left, and nesting is limited, so that a small header cannot ask for much memory.
 *
 * @throws LetheError `data/bad-parquet`.
 */
export function readThrift(bytes: Uint8Array, start: number, source: string): { readonly fields: ThriftStruct; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const byte = (): number => {
    if (at >= bytes.length) throw badParquet(source, "a header is cut off");
    return bytes[at++];
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    throw badParquet(source, "a number in a header does not end");
  };
  const zigzag = (): number => {
    const value = varint();
    return Number((value >> 1n) ^ -(value & 1n));
  };
  const atMostLeft = (count: bigint): number => {
    if (count > BigInt(bytes.length - at)) throw badParquet(source, "a header claims more than the file holds");
    return Number(count);
  };
  const list = (depth: number): readonly ThriftValue[] => {
    const head = byte();
    const count = head >> 4 === 15 ? atMostLeft(varint()) : head >> 4;
    const type = head & 0x0f;
    return Array.from({ length: count }, () => (type === typeTrue || type === typeFalse ? byte() === 1 : value(type, depth + 1)));
  };
  const struct = (depth: number): ThriftStruct => {
    const fields = new Map<number, ThriftValue>();
    for (let id = 0, head = byte(); (head & 0x0f) !== 0; head = byte()) {
      id = head >> 4 === 0 ? zigzag() : id + (head >> 4);
      fields.set(id, value(head & 0x0f, depth + 1));
    }
    return fields;
  };
  const value = (type: number, depth: number): ThriftValue => {
    if (depth > deepest) throw badParquet(source, "a header is nested too deeply");
    switch (type) {
      case typeTrue:
      case typeFalse:
        return type === typeTrue;
      case 3:
        return byte();
      case 4:
      case 5:
      case 6:
        return zigzag();
      case 7:
        atMostLeft(8n);
        at += 8;
        return view.getFloat64(at - 8, true);
      case 8: {
        const length = atMostLeft(varint());
        at += length;
        return bytes.subarray(at - length, at);
      }
      case 9:
        return list(depth);
      case 12:
        return struct(depth);
      default:
        throw badParquet(source, `a header has a field of type ${type}`);
    }
  };
  const fields = struct(0);
  return { fields, end: at };
}

/** Code `data/bad-parquet`. */
export function badParquet(source: string, reason: string, cause?: unknown): LetheError {
  return new LetheError("data/bad-parquet", `${source} is no intact Parquet file: ${reason}. Fetch it again.`, { source, reason }, { cause });
}
