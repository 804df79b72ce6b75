import { LetheError, isLetheError } from "@lethe/core";

/**
 * Does what a method does. An error that is not Lethe's (a bug of the method, or what TensorFlow.js throws) gets its name: as it is, nobody could tell it from a
 * fault of the program around it.
 *
 * @throws LetheError `method/threw`, and what `body` throws with a code of its own.
 */
export async function blameMethod<Value>(id: string, body: () => Promise<Value>): Promise<Value> {
  try {
    return await body();
  } catch (cause) {
    if (isLetheError(cause)) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new LetheError("method/threw", `${id} ended with an error of its own: ${said}`, { method: id }, { cause });
  }
}
