import { LetheError } from "./error.ts";

/** Whether two shapes are equal axis by axis; `null` (a free axis) equals anything. */
export function sameShape(a: readonly (number | null)[], b: readonly (number | null)[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === null || b[axis] === null || size === b[axis]);
}

export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? "?").join(", ")}]`;
}

/** @throws LetheError with the given code, naming both shapes, unless they agree. */
export function expectShape(code: string, what: string, expected: readonly (number | null)[], actual: readonly (number | null)[]): void {
  if (sameShape(expected, actual)) return;
  throw new LetheError(code, `${what} has shape ${formatShape(actual)} where ${formatShape(expected)} is needed.`, { expected, actual });
}
