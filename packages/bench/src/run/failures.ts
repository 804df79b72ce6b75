import { isAbort, isLetheError, type LetheError } from "@lethe/core";

/** Codes of what concerns the experiment as a whole, or the machine: going on would be no use. */
const fatal = /^(backend|data|environment|experiment|file|model|result|results|run)\//;

/** Whether a method has failed on its own, so that the others can go on without it. */
export function isMethodsOwn(error: unknown): error is LetheError {
  if (!isLetheError(error) || isAbort(error)) return false;
  return error.code === "experiment/search-failed" || !fatal.test(error.code);
}
