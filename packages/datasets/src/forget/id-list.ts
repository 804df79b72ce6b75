import { LetheError, parseJsonBytes } from "@lethe/core";

/**
 * Ids from a file: a JSON list of strings; plain text, one id per line; or CSV, of which the first field of each line counts. Blank lines are passed over, and so is a
 * first line of CSV that reads `id`.
 *
 * @param path its ending decides the format; named in errors.
 * @throws LetheError `forget/bad-file`.
 * @example
 * readIdList(new TextEncoder().encode("id,why\n\"a, b\",left\nc,\n"), "gone.csv"); // ["a, b", "c"]
 */
export function readIdList(bytes: Uint8Array, path: string): readonly string[] {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const ids = ending === "json" ? fromJson(bytes, path) : fromLines(bytes, path, ending === "csv" ? firstField : (line) => line.trim());
  if (ids.length > 0) return ids;
  throw new LetheError("forget/bad-file", `${path} holds no id; it should hold one or more.`, { path });
}

function fromJson(bytes: Uint8Array, path: string): readonly string[] {
  let content: unknown;
  try {
    content = parseJsonBytes(bytes);
  } catch (cause) {
    throw new LetheError("forget/bad-file", `${path} is not JSON; it should hold a list of ids, ["a", "b"].`, { path }, { cause });
  }
  if (Array.isArray(content) && content.length > 0 && content.every((id) => typeof id === "string")) return content as string[];
  throw new LetheError("forget/bad-file", `${path} should hold a list of one or more ids, ["a", "b"], and nothing else.`, { path });
}

function fromLines(bytes: Uint8Array, path: string, idOf: (line: string) => string): readonly string[] {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new LetheError("forget/bad-file", `${path} is not text in UTF-8; it should hold one id per line.`, { path }, { cause });
  }
  const ids = text
    .split(/\r\n|\n|\r/)
    .map(idOf)
    .filter((id) => id !== "");
  return idOf === firstField && ids[0]?.toLowerCase() === "id" ? ids.slice(1) : ids;
}

function firstField(line: string): string {
  const quoted = /^\s*"((?:[^"]|"")*)"/.exec(line);
  return quoted === null ? line.split(",", 1)[0].trim() : quoted[1].replaceAll('""', '"');
}
