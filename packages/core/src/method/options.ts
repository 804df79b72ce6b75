import { LetheError } from "../errors/index.ts";

/** The part of the Standard Schema interface (standardschema.dev, version 1) that Lethe uses; zod, valibot and arktype all implement it. */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidationResult<Output> | Promise<ValidationResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type ValidationResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[];
    };

/**
 * Options as the schema leaves them, defaults filled in. An option that is there and `undefined` counts as not given.
 *
 * @throws LetheError `options/invalid` with every complaint of the schema; unknown options are refused by name.
 */
export function validateOptions<Output>(methodId: string, schema: StandardSchemaV1<unknown, Output>, options: unknown): Output {
  const result = schema["~standard"].validate(given(options));
  if (result instanceof Promise)
    throw new LetheError("options/asynchronous", `The option schema of ${methodId} validates asynchronously, which methods may not.`);
  if (result.issues === undefined) return result.value;
  const complaints = result.issues.map(({ message, path }) => {
    const where = (path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return where === "" ? message : `${where}: ${message}`;
  });
  throw new LetheError("options/invalid", `The options of ${methodId} are not valid: ${complaints.join("; ")}.`, { method: methodId, complaints });
}

/** Without what is undefined, which would hide a default where a schema spreads options over its defaults. */
function given(options: unknown): unknown {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
