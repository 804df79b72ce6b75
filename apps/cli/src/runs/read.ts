import { isLetheError } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";

/** The file's bytes, or undefined where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileChecked(path);
  } catch (error) {
    if (isLetheError(error) && error.code === "file/not-found") return undefined;
    throw error;
  }
}
