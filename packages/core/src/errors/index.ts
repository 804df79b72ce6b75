/** Errors: one class with stable codes, structured details and a sentence a person can act on; and what sentences are made of. */
export { LetheError, isLetheError, isAbort, aborted } from "./error.ts";
export { plural } from "./plural.ts";
export { expectShape, formatShape, sameShape } from "./shape.ts";
