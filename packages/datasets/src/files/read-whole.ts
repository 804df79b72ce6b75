import { readFile } from "node:fs/promises";
import { unreadable } from "./unreadable.ts";

/** @throws LetheError `data/unreadable`. */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
