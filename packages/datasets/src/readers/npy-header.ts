import { LetheError } from "@lethe/core";
import { expectBytes, viewOf } from "./content.ts";
import { npyTypes, type NpyType } from "./npy-types.ts";

export interface NpyHeader {
  readonly type: NpyType;
  readonly littleEndian: boolean;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
  /** Number of elements; the file holds exactly as many. */
  readonly elements: number;
}

const magic = "\x93NUMPY";
/** NumPy itself refuses longer ones. */
const longestHeader = 10_000;
/** The header is within as many bytes of the file's beginning. */
export const longestNpyStart = 12 + longestHeader;

/**
 * The header of an npy file of version 1 to 3: a magic number, the version, a length, and a Python literal
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
 *
 * @param fileBytes length of the file, where `bytes` are only its beginning.
 * @throws LetheError `data/bad-magic`, `data/bad-npy`, `data/unsupported-dtype`, `data/truncated`, `data/over-long`.
 */
export function npyHeader(bytes: Uint8Array, source: string, fileBytes = bytes.length): NpyHeader {
  expectBytes(bytes, 10, source, "for the start of an npy header");
  if (String.fromCharCode(...bytes.subarray(0, 6)) !== magic) {
    throw new LetheError("data/bad-magic", `${source} does not start as an npy file does; is it another format?`, { source });
  }
  const version = bytes[6];
  if (version < 1 || version > 3) throw malformed(source, `its version is ${version}, and 1 to 3 are known`);
  const literalStart = version === 1 ? 10 : 12;
  expectBytes(bytes, literalStart, source, "for the length of an npy header");
  const length = version === 1 ? viewOf(bytes).getUint16(8, true) : viewOf(bytes).getUint32(8, true);
  if (length > longestHeader) throw malformed(source, `its header claims ${length} bytes, and at most ${longestHeader} are allowed`);
  const dataStart = literalStart + length;
  expectBytes(bytes, dataStart, source, "for an npy header");
  const literal = new TextDecoder().decode(bytes.subarray(literalStart, dataStart));
  const { type, littleEndian } = elementType(literal, source);
  const shape = shapeOf(literal, source);
  // An axis of length 0 makes the product 0 whatever the others are; without it a huge product may overflow to Infinity, never wrap.
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  expectSize(fileBytes, dataStart + elements * type.bytes, shape, source);
  return { type, littleEndian, columnMajor: field(literal, /'fortran_order'\s*:\s*(True|False)/, source) === "True", shape, dataStart, elements };
}

function elementType(literal: string, source: string): { readonly type: NpyType; readonly littleEndian: boolean } {
  const description = /'descr'\s*:\s*'([^']*)'/.exec(literal)?.[1];
  const type = npyTypes.get(description?.slice(1) ?? "");
  if (description !== undefined && type !== undefined && "<>|=".includes(description[0])) return { type, littleEndian: description[0] !== ">" };
  const known = [...npyTypes.values()].map(({ name }) => name).join(", ");
  const found = description ?? "a structure";
  throw new LetheError(
    "data/unsupported-dtype",
    description?.includes("O")
      ? `${source} holds Python objects, which only Python can read (and which may run code); save it as numbers.`
      : `${source} holds elements of type ${found}; save it as one of ${known}.`,
    { source, found },
  );
}

function shapeOf(literal: string, source: string): number[] {
  const axes = field(literal, /'shape'\s*:\s*\(([^()]*)\)/, source).split(",");
  if (axes.at(-1)?.trim() === "") axes.pop();
  return axes.map((axis) => {
    const size = /^\s*\d{1,15}\s*$/.test(axis) ? Number(axis) : Number.NaN;
    if (Number.isNaN(size)) throw malformed(source, `its shape names an axis of length ${axis.trim() || "nothing"}`);
    return size;
  });
}

function field(literal: string, pattern: RegExp, source: string): string {
  const found = pattern.exec(literal)?.[1];
  if (found === undefined) throw malformed(source, `its header says nothing that fits ${pattern.source}`);
  return found;
}

function expectSize(found: number, expected: number, shape: readonly number[], source: string): void {
  if (found === expected) return;
  const facts = { source, expected, found, shape };
  const sizes = `${source} has ${found} bytes and its header, of shape [${shape.join(", ")}], makes ${expected}`;
  if (found < expected) throw new LetheError("data/truncated", `${sizes}; fetch it again.`, facts);
  throw new LetheError("data/over-long", `${sizes}; its header or its end is wrong.`, facts);
}

function malformed(source: string, reason: string): LetheError {
  return new LetheError("data/bad-npy", `${source} is no npy file that can be read: ${reason}.`, { source, reason });
}
