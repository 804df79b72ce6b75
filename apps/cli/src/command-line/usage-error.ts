/**
 * A command line that cannot be understood: code `cli/...`, exit code 2.
 *
 * Not a `LetheError`, because `@lethe/core` brings TensorFlow.js along, which takes a second to load: help and typing errors must not wait for it.
 */
export class UsageError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: `cli/${string}`, message: string, details: Readonly<Record<string, unknown>> = {}, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UsageError";
    this.code = code;
    this.details = details;
  }
}
