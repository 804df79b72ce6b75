/** Errors: one class with stable codes, structured details and a sentence a person can act on. */
export { LetheError, isLetheError, isAbort, aborted } from "./error.ts";
export { expectShape, formatShape, sameShape } from "./shape.ts";
