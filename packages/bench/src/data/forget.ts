import { resolve } from "node:path";
import { LetheError, parseJsonBytes, type Dataset, type ForgetSelection } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";

/**
 * Reads a forget set as people write it: `class=3` or `class=Trouser`, `random=100`, or the path of a JSON file with a list of ids.
 *
 * @throws LetheError `forget/not-understood`, `forget/unknown-class`, `forget/bad-count`, `forget/bad-file`, and what reading a file throws.
 * Whether ids exist is for `selectForget` to say.
 */
export async function readForget(given: string, data: Dataset, cwd: string): Promise<ForgetSelection> {
  const [kind, value] = splitOnce(given, "=");
  if (value !== undefined && kind === "class") return { class: readClass(value, data) };
  if (value !== undefined && kind === "random") return { random: readCount(value) };
  if (given.endsWith(".json")) return readIds(resolve(cwd, given));
  throw new LetheError(
    "forget/not-understood",
    `${given} is not understood; write class=3, random=100, or the path of a .json file with ids.`,
    { given },
  );
}

function readClass(value: string, { name, classCount, classNames = [] }: Dataset): number {
  if (/^\d+$/.test(value)) return Number(value);
  const position = classNames.findIndex((className) => className.toLowerCase() === value.toLowerCase());
  if (position >= 0) return position;
  const known = classNames.length > 0 ? classNames.map((className, index) => `${index} ${className}`).join(", ") : `0 to ${classCount - 1}`;
  throw new LetheError("forget/unknown-class", `${name} has no class ${value}; its classes are ${known}.`, { class: value, classNames, classCount });
}

function readCount(value: string): number {
  if (/^\d+$/.test(value) && Number(value) > 0) return Number(value);
  throw new LetheError("forget/bad-count", `random=${value} is no number of samples; write a whole number, 1 or more.`, { given: value });
}

async function readIds(path: string): Promise<readonly string[]> {
  const bytes = await readFileChecked(path);
  let content: unknown;
  try {
    content = parseJsonBytes(bytes);
  } catch (cause) {
    throw new LetheError("forget/bad-file", `${path} is not JSON; it should hold a list of ids, ["a", "b"].`, { path }, { cause });
  }
  if (Array.isArray(content) && content.length > 0 && content.every((id) => typeof id === "string")) return content as string[];
  throw new LetheError("forget/bad-file", `${path} should hold a list of one or more ids, ["a", "b"], and nothing else.`, { path });
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
