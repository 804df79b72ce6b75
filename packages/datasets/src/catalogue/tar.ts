import { LetheError } from "@lethe/core";

export interface TarMember {
  /** Without folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const block = 512;
/** More fits into no typed array everywhere, and no file of the catalogue comes near it. */
const largestMember = 2 ** 31;

/**
 * The wanted files of a tar archive (ustar), one after the other; one at a time is in memory.
 *
 * Layout: 512 bytes of header (name at 0, size in octal at 124, kind at 156), then the content, filled up to whole blocks; zeros at the end.
 *
 * @throws LetheError `data/bad-archive`.
 */
export async function* tarMembers(chunks: AsyncIterable<Uint8Array>, wanted: (name: string) => boolean, source: string): AsyncGenerator<TarMember> {
  const reader = createReader(chunks, source);
  for (let header = await reader.take(block); header !== undefined && header[0] !== 0; header = await reader.take(block)) {
    const size = Number.parseInt(textAt(header, 124, 12), 8);
    if (!(size <= largestMember)) throw damaged(source);
    const name = textAt(header, 0, 100).split("/").at(-1) ?? "";
    const isFile = header[156] === 0 || header[156] === 0x30;
    if (isFile && wanted(name)) {
      const bytes = await reader.take(size);
      if (bytes === undefined) throw damaged(source);
      yield { name, bytes };
    } else await reader.skip(size);
    await reader.skip((block - (size % block)) % block);
  }
}

function textAt(header: Uint8Array, start: number, length: number): string {
  return new TextDecoder().decode(header.subarray(start, start + length)).replace(/[\0 ].*$/s, "");
}

interface Reader {
  /** So many bytes, or undefined at the end. */
  take(length: number): Promise<Uint8Array | undefined>;
  skip(length: number): Promise<void>;
}

function createReader(chunks: AsyncIterable<Uint8Array>, source: string): Reader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  /** Hands over `length` bytes piece by piece; says how many there were. */
  const pull = async (length: number, use: (piece: Uint8Array, at: number) => void): Promise<number> => {
    let got = 0;
    while (got < length) {
      if (rest.length === 0) {
        const { done, value } = await iterator.next();
        if (done) break;
        rest = value;
      }
      const piece = rest.subarray(0, length - got);
      use(piece, got);
      got += piece.length;
      rest = rest.subarray(piece.length);
    }
    return got;
  };
  return {
    async take(length) {
      const bytes = new Uint8Array(length);
      const got = await pull(length, (piece, at) => bytes.set(piece, at));
      if (got === 0 && length > 0) return undefined;
      if (got < length) throw damaged(source);
      return bytes;
    },
    async skip(length) {
      if ((await pull(length, () => {})) < length) throw damaged(source);
    },
  };
}

function damaged(source: string): LetheError {
  return new LetheError("data/bad-archive", `${source} is no intact .tar archive; fetch it again.`, { source });
}
