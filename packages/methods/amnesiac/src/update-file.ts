import { elementCount, encodeSafetensors, hashTree, isJsonObject, jsonObjectOf, sha256, type ContentStorage, type HostTree } from "@lethe/core";
import { damaged, decodeContent } from "./content.ts";
import { decodeDifference, encodeDifference } from "./difference-code.ts";

/** Name and shape of every parameter, in order. */
export type Layout = readonly (readonly [name: string, shape: readonly number[]])[];

/** Where in the training a step was taken. */
export interface UpdatePosition {
  /** Steps taken before. */
  readonly index: number;
  readonly epoch: number;
  /** Within the epoch. */
  readonly step: number;
}

/** One update as it is stored, without its numbers. */
export interface LoggedUpdate extends UpdatePosition {
  readonly file: string;
  /** Positions, in the ids of the log, of the samples of the batch; ascending. */
  readonly samples: readonly number[];
  /** SHA-256 of what is stored of the parameters. */
  readonly content: string;
  /** Stored bytes. */
  readonly bytes: number;
}

const format = "lethe-update-1";
const lengthBytes = 8;
/** One read fetches the header of most updates. */
const firstRead = 16_384;
/** A header of names and a batch is never longer: a greater length is damage, and not to be allocated. */
const maximumHeader = 2 ** 28;

export function updateFile(index: number): string {
  return `update-${String(index).padStart(8, "0")}.safetensors`;
}

/** The index in the name of an update's file; undefined of any other name. */
export function indexOfFile(file: string): number | undefined {
  const index = Number(/^update-(\d{8,15})\.safetensors$/.exec(file)?.[1] ?? Number.NaN);
  return file === updateFile(index) ? index : undefined;
}

/**
 * A safetensors file with the code of each parameter's difference as a tensor of bytes. Its metadata describe the update, with the checksum of those
 * tensors, and hold the checksum of that description, so that the header can be read, and checked, without the rest.
 */
export async function encodeUpdate(
  position: UpdatePosition,
  samples: readonly number[],
  { before, after }: { readonly before: HostTree; readonly after: HostTree },
): Promise<{ readonly update: LoggedUpdate; readonly bytes: Uint8Array }> {
  const codes: Record<string, HostTree[string]> = {};
  for (const [name, { values }] of Object.entries(after)) {
    const code = await encodeDifference(values, before[name].values);
    codes[name] = { shape: [code.length], values: code };
  }
  const { index, epoch, step } = position;
  const codeBytes = Object.values(codes).reduce((sum, { values }) => sum + values.length, 0);
  const description: Description = { index, epoch, step, samples, content: await hashTree(codes), codeBytes };
  const text = JSON.stringify(description);
  const bytes = encodeSafetensors(codes, { format, update: text, sha256: await sha256(text) });
  return { update: loggedUpdate(description, updateFile(index), bytes.length - codeBytes), bytes };
}

/**
 * Reads what an update's file says about it.
 *
 * @throws LetheError `amnesiac/damaged`, and what the storage throws.
 */
export async function readDescription(storage: ContentStorage, file: string): Promise<LoggedUpdate> {
  const { metadata, dataStart } = await readHeader(storage, file);
  const text = metadata["update"];
  if (metadata["format"] !== format || typeof text !== "string") throw damaged(file, "it is no update of this version");
  if ((await sha256(text)) !== metadata["sha256"]) throw damaged(file, "its description does not agree with its checksum");
  const description = jsonObjectOf(text) as unknown as Description;
  if (description.index !== indexOfFile(file)) throw damaged(file, `it holds update ${description.index}`);
  return loggedUpdate(description, file, dataStart);
}

/**
 * The numbers of an update, `theta_b - theta_(b-1)` in float64, checked against their SHA-256.
 *
 * @throws LetheError `amnesiac/damaged`, and what the storage throws.
 */
export async function readUpdate(storage: ContentStorage, { file, content }: LoggedUpdate, layout: Layout): Promise<HostTree> {
  const codes = decodeContent(await storage.read(file), file).tensors;
  if ((await hashTree(codes)) !== content) throw damaged(file, "its numbers do not agree with their checksum");
  const differences: Record<string, HostTree[string]> = {};
  for (const [name, shape] of layout) {
    const code = codes[name]?.values;
    const values = code instanceof Uint8Array ? await decodeDifference(code, elementCount(shape)) : undefined;
    if (values === undefined) throw damaged(file, `it does not hold ${name}`);
    differences[name] = { shape, values };
  }
  return differences;
}

/** What a file says in its header. */
interface Description extends UpdatePosition {
  readonly samples: readonly number[];
  readonly content: string;
  /** Of all codes together. */
  readonly codeBytes: number;
}

function loggedUpdate({ codeBytes, ...description }: Description, file: string, dataStart: number): LoggedUpdate {
  return { ...description, file, bytes: dataStart + codeBytes };
}

/** The metadata of a file's header, and where the data begin. */
async function readHeader(
  storage: ContentStorage,
  file: string,
): Promise<{ readonly metadata: Readonly<Record<string, unknown>>; readonly dataStart: number }> {
  const first = await storage.read(file, { begin: 0, end: firstRead });
  if (first.length < lengthBytes) throw damaged(file, `it is cut short after ${first.length} bytes`);
  const view = new DataView(first.buffer, first.byteOffset, lengthBytes);
  const dataStart = lengthBytes + view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (dataStart > maximumHeader) throw damaged(file, `its header claims ${dataStart} bytes`);
  const bytes = dataStart <= first.length ? first : await storage.read(file, { begin: 0, end: dataStart });
  const metadata = jsonObjectOf(new TextDecoder().decode(bytes.subarray(lengthBytes, dataStart)))?.["__metadata__"];
  if (!isJsonObject(metadata)) throw damaged(file, "its header cannot be read");
  return { metadata, dataStart };
}
