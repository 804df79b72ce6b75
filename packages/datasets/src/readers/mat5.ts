import { LetheError } from "@lethe/core";
import { decompress } from "../gunzip.ts";
import { defaultMostBytes, expectBytes, expectNotTooLarge, viewOf, type ContentOptions } from "./content.ts";
import { elementNumbers, elementsOf, malformed, miCompressed, miMatrix, numberCount, type MatElement } from "./mat5-elements.ts";

export type MatValues = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** A numeric array, column-major as MATLAB keeps it: element (i, j, k) lies at `i + shape[0] * (j + shape[1] * k)`. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly values: MatValues;
}

const headerBytes = 128;

/** MATLAB's numeric classes; 64-bit integers become float64 where that is exact. */
const arrayClasses: ReadonlyMap<number, (length: number) => MatValues> = new Map<number, (length: number) => MatValues>([
  [6, (length) => new Float64Array(length)],
  [7, (length) => new Float32Array(length)],
  [8, (length) => new Int8Array(length)],
  [9, (length) => new Uint8Array(length)],
  [10, (length) => new Int16Array(length)],
  [11, (length) => new Uint16Array(length)],
  [12, (length) => new Int32Array(length)],
  [13, (length) => new Uint32Array(length)],
  [14, (length) => new Float64Array(length)],
  [15, (length) => new Float64Array(length)],
]);

/**
 * Reads the real numeric arrays of a MATLAB 5 file (what `save` writes by default, and `save -v7`), compressed or not, by name.
 *
 * Variables of other kinds (text, cells, structures, sparse and complex arrays) are left out. Bytes of a `uint8` array are a view of the
 * unpacked file, not a copy. No array is made before the file is known to hold its values.
 *
 * @throws LetheError `data/truncated`, `data/bad-mat`, `data/unsupported-mat` (version 7.3, big-endian), `data/too-large` (of all
 * compressed variables together), `data/inexact-integer`.
 * @see https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
 * @example
 * const arrays = await readMat5(await readFile("train_32x32.mat"));
 * arrays.get("y")?.shape; // [73257, 1]
 */
export async function readMat5(bytes: Uint8Array, options: ContentOptions = {}): Promise<ReadonlyMap<string, MatArray>> {
  const { source = "the MATLAB file", mostBytes = defaultMostBytes } = options;
  expectHeader(bytes, source);
  const arrays = new Map<string, MatArray>();
  let left = mostBytes;
  for (const element of elementsOf(bytes.subarray(headerBytes), source)) {
    const matrix = element.type === miCompressed ? await inflateElement(element.content, source, left) : element;
    if (element.type === miCompressed) left -= matrix.content.length;
    if (matrix.type !== miMatrix) continue;
    const named = readArray(matrix.content, source);
    if (named !== undefined) arrays.set(named.name, named.array);
  }
  return arrays;
}

function expectHeader(bytes: Uint8Array, source: string): void {
  const start = String.fromCharCode(...bytes.subarray(0, 19));
  if (start.startsWith("MATLAB 7.3")) {
    throw new LetheError("data/unsupported-mat", `${source} is a MATLAB 7.3 (HDF5) file; save it again with save('-v7').`, { source });
  }
  expectBytes(bytes, headerBytes, source, "for the header of a MATLAB file");
  const order = String.fromCharCode(bytes[126], bytes[127]);
  if (order === "MI") {
    throw new LetheError("data/unsupported-mat", `${source} was written on a big-endian machine; save it again on another.`, { source });
  }
  if (order !== "IM" || viewOf(bytes).getUint16(124, true) !== 0x0100) throw malformed(source, "its header is not that of version 5");
}

async function inflateElement(packed: Uint8Array, source: string, most: number): Promise<MatElement> {
  const tagBytes = 8;
  try {
    const size = viewOf(await decompress(packed, "deflate", tagBytes)).getUint32(4, true);
    expectNotTooLarge(size, source, most);
    // One byte more than claimed is enough to see that the claim is wrong.
    const content = await decompress(packed, "deflate", tagBytes + size + 1);
    if (content.length !== tagBytes + size) throw malformed(source, `a variable of ${size} bytes unpacks to another size`);
    const [element] = elementsOf(content, source);
    return element;
  } catch (cause) {
    if (cause instanceof LetheError) throw cause;
    throw new LetheError("data/bad-mat", `A compressed variable of ${source} cannot be unpacked; fetch the file again.`, { source }, { cause });
  }
}

const isComplex = 0x08;
const mostDimensions = 32;

/** Flags, dimensions, name, values; undefined for a variable that is not an array of real numbers. */
function readArray(content: Uint8Array, source: string): { readonly name: string; readonly array: MatArray } | undefined {
  const [flags, dimensions, name, values] = take(elementsOf(content, source), 4);
  if (flags === undefined || flags.content.length < 2) throw malformed(source, "a variable has no class");
  const create = arrayClasses.get(flags.content[0]);
  if (create === undefined || (flags.content[1] & isComplex) !== 0) return undefined;
  if (dimensions === undefined || name === undefined || values === undefined) throw malformed(source, "a variable ends before its values");
  const rank = numberCount(dimensions, source);
  if (rank > mostDimensions) throw malformed(source, `a variable has ${rank} dimensions`);
  const shape = Array.from({ length: rank }, () => 0);
  elementNumbers(dimensions, shape, source);
  const count = shape.reduce((product, size) => product * size, 1);
  const stored = numberCount(values, source);
  if (stored !== count || shape.some((size) => !Number.isInteger(size) || size < 0))
    throw malformed(source, `${stored} values do not fill the shape [${shape.join(", ")}]`);
  return { name: new TextDecoder().decode(name.content), array: { shape, values: valuesOf(values, create, stored, source) } };
}

function valuesOf(element: MatElement, create: (length: number) => MatValues, count: number, source: string): MatValues {
  const bytesAsTheyAre = create(0) instanceof Uint8Array && element.type === 2;
  if (bytesAsTheyAre) return element.content;
  const values = create(count);
  elementNumbers(element, values, source);
  return values;
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
