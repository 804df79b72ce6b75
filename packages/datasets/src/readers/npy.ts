import { LetheError } from "@lethe/core";
import { contentOf, viewOf, type ContentOptions } from "./content.ts";
import { npyHeader } from "./npy-header.ts";
import type { NpyValues } from "./npy-types.ts";

/** An array of any rank, row-major whatever the order in the file. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the type in the file: `"int64"`. */
  readonly dtype: string;
  readonly values: NpyValues;
}

/**
 * Reads an npy file of NumPy: numbers of any rank, C or Fortran order, either byte order, plain or gzipped.
 *
 * Types stay what they are, except that bool becomes bytes 0 and 1, float16 becomes float32, and int64 and uint64 become float64, which is
 * exact up to 2^53; a larger one is refused. Text, dates, complex numbers, structures and Python objects are refused. Nothing is allocated for
 * values before the file is known to hold them.
 *
 * @throws LetheError `data/bad-magic`, `data/bad-npy`, `data/unsupported-dtype`, `data/inexact-integer`, `data/truncated`,
 * `data/over-long`, `data/bad-gzip`, `data/too-large`; each names the file.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @example
 * const header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 2), }";
 * const start = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0, ...new TextEncoder().encode(header)];
 * const { shape, values } = await readNpy(Uint8Array.of(...start, 1, 0, 3, 0, 2, 0, 4, 0));
 * shape; // [2, 2]
 * values; // Int16Array [1, 2, 3, 4]
 */
export async function readNpy(bytes: Uint8Array, options: ContentOptions = {}): Promise<NpyArray> {
  const { source = "the npy file", mostBytes } = options;
  return decodeNpy(await contentOf(bytes, source, mostBytes), source);
}

/** {@link readNpy} of bytes that are not packed. */
export function decodeNpy(bytes: Uint8Array, source: string): NpyArray {
  const header = npyHeader(bytes, source);
  const values = header.type.create(header.elements);
  const view = viewOf(bytes);
  const { type, littleEndian, dataStart, shape } = header;
  const nextPosition = header.columnMajor && shape.length > 1 ? columnMajorOrder(shape) : undefined;
  for (let i = 0; i < header.elements; i++) {
    const value = type.get(view, dataStart + i * type.bytes, littleEndian);
    if (value === undefined) throw inexact(type.name, source);
    values[nextPosition?.() ?? i] = value;
  }
  return { shape, dtype: type.name, values };
}

/** Gives, call after call, where the next element of column-major order lies in row-major order. */
function columnMajorOrder(shape: readonly number[]): () => number {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  let next = 0;
  return () => {
    const position = next;
    // The first axis runs fastest, and carries into the next.
    for (let axis = 0; axis < shape.length; axis++) {
      next += strides[axis];
      if (++index[axis] < shape[axis]) break;
      next -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
    return position;
  };
}

function inexact(type: string, source: string): LetheError {
  return new LetheError("data/inexact-integer", `${source} holds a value of type ${type} beyond 2^53, which no JavaScript number can hold.`, {
    source,
    type,
  });
}
