import { LetheError } from "@lethe/core";

/**
 * The bytes behind a URL: from the disk where the URL is a file's (Node's fetch does not read files), otherwise by fetch.
 *
 * @throws LetheError `data/unreadable` (names the file).
 */
export async function readBytes(url: URL): Promise<Uint8Array> {
  try {
    return url.protocol === "file:" ? await readFromDisk(url) : await readByFetch(url);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LetheError("data/unreadable", `${url.href} cannot be read: ${reason}`, { url: url.href }, { cause });
  }
}

async function readFromDisk(url: URL): Promise<Uint8Array> {
  // Not an import: a bundler for browsers would follow it and fail.
  return process.getBuiltinModule("node:fs/promises").readFile(url);
}

async function readByFetch(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
