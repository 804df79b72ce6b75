import { sha256, type Json } from "@lethe/core";

/**
 * The name of a result: a hash of all that decides it. Fields in any order give the same key; two facts that differ in anything give two keys.
 *
 * @returns 32 hexadecimal digits.
 */
export async function keyOf(facts: Json): Promise<string> {
  return (await sha256(canonicalJson(facts))).slice(0, 32);
}

/**
 * JSON with the fields of every object in alphabetical order and no spaces. Numbers that JSON has no form for (an option's `Infinity`) are written by name.
 *
 * @example
 * canonicalJson({ b: [1, { d: null, c: "x" }], a: 2 }); // '{"a":2,"b":[1,{"c":"x","d":null}]}'
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  // JSON would write null, and options that differ would share a key.
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value as { readonly [name: string]: Json }).filter(([, field]) => field !== undefined);
  return `{${fields
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
    .join(",")}}`;
}
