import { isJsonObject, isLetheError, LetheError, validateOptions, type AnyMethod, type JsonObject } from "@lethe/core";
import type { Method } from "./load.ts";

/** One option of a method, as its schema tells it. */
export interface OptionDescription {
  readonly name: string;
  /** What may stand there: `"number, more than 0"`, `"per-sample, batch-gradient or label-free"`. */
  readonly allowed: string;
  /** Undefined where there is none. */
  readonly usual: unknown;
  readonly help: string;
}

/**
 * The options of a method, or undefined where its schema library does not tell (Standard JSON Schema is an extension that not all have).
 */
export function describeOptions(method: Method): readonly OptionDescription[] | undefined {
  const standard = method.options["~standard"] as { readonly jsonSchema?: { input(options: { target: string }): unknown } };
  const schema = attempt(() => standard.jsonSchema?.input({ target: "draft-2020-12" }));
  if (!isJsonObject(schema)) return undefined;
  const usual = attempt(() => validateOptions(method.id, method.options, {}));
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).map(([name, property]) => ({
    name,
    allowed: isJsonObject(property) ? allowed(property) : "anything",
    usual: isJsonObject(usual) ? usual[name] : undefined,
    help: isJsonObject(property) && typeof property.description === "string" ? property.description : "",
  }));
}

/**
 * The method with its options checked.
 *
 * @throws LetheError `options/invalid`, its `hint` listing the options there are.
 */
export function configureMethod(method: Method, settings: Readonly<Record<string, unknown>>): AnyMethod {
  try {
    return { method, options: validateOptions(method.id, method.options, settings) };
  } catch (error) {
    if (!isLetheError(error)) throw error;
    const options = describeOptions(method);
    throw new LetheError(error.code, error.message, { ...error.details, options, hint: optionLines(method, options) }, { cause: error });
  }
}

function optionLines({ id }: Method, options: readonly OptionDescription[] | undefined): string[] {
  if (options === undefined) return [`${id} does not list its options; see its documentation.`];
  if (options.length === 0) return [`${id} has no options.`];
  const width = Math.max(...options.map(({ name }) => name.length));
  return [`The options of ${id}:`, ...options.map((option) => `  ${option.name.padEnd(width)}  ${option.allowed}${usualOf(option)}`)];
}

export function usualOf({ usual }: OptionDescription): string {
  return usual === undefined ? "" : ` (default ${typeof usual === "string" ? usual : JSON.stringify(usual)})`;
}

/** A JSON schema as words. */
function allowed(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) return either(schema.enum.map(String));
  if ("const" in schema) return String(schema.const);
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants)) return either(variants.map((variant) => (isJsonObject(variant) ? allowed(variant) : "anything")));
  if (schema.type === "array") return `list of ${isJsonObject(schema.items) ? allowed(schema.items) : "anything"}`;
  if (schema.type === "object" && isJsonObject(schema.properties)) {
    const fields = Object.entries(schema.properties).map(([name, field]) => `${name}: ${isJsonObject(field) ? allowed(field) : "anything"}`);
    return `{ ${fields.join("; ")} }`;
  }
  if (schema.type === "integer") return ["whole number", ...limits(schema)].join(", ");
  if (schema.type === "number") return ["number", ...limits(schema)].join(", ");
  if (schema.type === "boolean") return "true or false";
  return schema.type === "string" ? "text" : "anything";
}

function limits({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): string[] {
  // Schema libraries write the range of safe integers as limits, which says nothing.
  const real = (value: unknown): value is number => typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const low = real(exclusiveMinimum) ? [`more than ${exclusiveMinimum}`] : real(minimum) ? [`${minimum} or more`] : [];
  const high = real(exclusiveMaximum) ? [`less than ${exclusiveMaximum}`] : real(maximum) ? [`at most ${maximum}`] : [];
  return [...low, ...high];
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function attempt<Value>(body: () => Value): Value | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}
