import { LetheError } from "@lethe/core";
import { contentOf } from "./content.ts";

export interface CifarFiles {
  /** Content of the binary files in order (the training part of CIFAR-10 comes in five), plain or gzipped. */
  readonly files: readonly Uint8Array[];
  /** Names the data set and, with the position over all files, its samples: `cifar10-train-000123`. */
  readonly name?: string;
  /** Names of the files, for errors. */
  readonly sources?: readonly string[];
  /** A gzipped file that unpacks to more bytes is refused. Default 1 GiB. */
  readonly mostBytes?: number;
}

export const cifarShape: readonly number[] = [32, 32, 3];
const planeBytes = 32 * 32;
const pixelBytes = 3 * planeBytes;

/** One picture: its label bytes and its pixels as three planes (red, green, blue), row-major. */
export interface CifarRecord {
  readonly labels: Uint8Array;
  readonly planes: Uint8Array;
  /** `"record 17 of data_batch_1.bin"`. */
  readonly place: string;
}

/**
 * Cuts files of records `labelBytes + 3072` bytes long.
 *
 * @throws LetheError `data/wrong-size` (names the file), `data/empty`, `data/bad-gzip`, `data/too-large`.
 */
export async function cifarRecords({ files, sources, mostBytes }: CifarFiles, labelBytes: number): Promise<CifarRecord[]> {
  const records: CifarRecord[] = [];
  const recordBytes = labelBytes + pixelBytes;
  for (const [position, file] of files.entries()) {
    const source = sources?.[position] ?? `CIFAR file ${position + 1}`;
    const bytes = await contentOf(file, source, mostBytes);
    if (bytes.length === 0 || bytes.length % recordBytes !== 0) throw wrongSize(source, bytes.length, recordBytes, labelBytes);
    for (let start = 0; start < bytes.length; start += recordBytes) {
      records.push({
        labels: bytes.subarray(start, start + labelBytes),
        planes: bytes.subarray(start + labelBytes, start + recordBytes),
        place: `record ${start / recordBytes} of ${source}`,
      });
    }
  }
  if (records.length === 0) throw new LetheError("data/empty", "No CIFAR file was given; pass the content of at least one.");
  return records;
}

function wrongSize(source: string, found: number, recordBytes: number, labelBytes: number): LetheError {
  const other = labelBytes === 1 ? "CIFAR-100" : "CIFAR-10";
  const itsRecords = labelBytes === 1 ? recordBytes + 1 : recordBytes - 1;
  const hint = found > 0 && found % itsRecords === 0 ? `it fits ${other}; use its reader` : "fetch the binary version again";
  return new LetheError("data/wrong-size", `${source} has ${found} bytes, which is no whole number of records of ${recordBytes}; ${hint}.`, {
    source,
    expected: recordBytes,
    found,
  });
}

/** Planes of bytes to interleaved values in 0 .. 1, each rounded once. */
export function writePixels(planes: Uint8Array, target: Float32Array | Int32Array): void {
  for (let pixel = 0; pixel < planeBytes; pixel++) {
    for (let channel = 0; channel < 3; channel++) target[3 * pixel + channel] = planes[channel * planeBytes + pixel] / 255;
  }
}

/** @throws LetheError `data/label-out-of-range`, naming the record. */
export function expectLabel(label: number, classCount: number, place: string): void {
  if (label < classCount) return;
  throw new LetheError("data/label-out-of-range", `The label of ${place} is ${label}, not below ${classCount}; the file is damaged or another one.`, {
    place,
    label,
    classCount,
  });
}
