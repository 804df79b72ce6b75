const marker = Symbol.for("lethe.error");

/**
 * The one error class of Lethe.
 *
 * `code` is stable across releases (`"forget/unknown-id"`: the noun, then what is wrong with it), `message` is one sentence that says
 * what happened and what to do, and `details` repeats its facts as data. The marker is a registered symbol, so that {@link isLetheError}
 * also recognises errors of a second copy of this package, where `instanceof` would fail.
 *
 * @example
 * const error = new LetheError("data/label-out-of-range", "Label 10 of sample a7 is not below 10 classes.", { id: "a7", label: 10 });
 * error.code; // "data/label-out-of-range"
 */
export class LetheError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "LetheError";
    this.code = code;
    this.details = details;
    Object.defineProperty(this, marker, { value: true });
  }

  toJSON(): { code: string; message: string; details: Readonly<Record<string, unknown>> } {
    return { code: this.code, message: this.message, details: this.details };
  }
}

export function isLetheError(value: unknown): value is LetheError {
  return typeof value === "object" && value !== null && marker in value;
}

/** The error of an interrupted run, code `"run/aborted"`. */
export function aborted(signal?: AbortSignal): LetheError {
  return new LetheError("run/aborted", "The run was interrupted.", {}, { cause: signal?.reason });
}

export function isAbort(value: unknown): boolean {
  return isLetheError(value) && value.code === "run/aborted";
}
