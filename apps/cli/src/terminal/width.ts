import { stripVTControlCharacters } from "node:util";

/** Characters that are seen: colour takes no room. */
export function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
