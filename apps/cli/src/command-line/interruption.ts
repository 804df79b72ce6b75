import { LetheError, isAbort } from "@lethe/core";

/** Does work that the user may interrupt; if so, says what has become of it. */
export async function interruptible<Value>(sentence: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw isAbort(error) ? new LetheError("run/aborted", sentence, {}, { cause: error }) : error;
  }
}
