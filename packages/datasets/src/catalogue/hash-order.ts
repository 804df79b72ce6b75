import { createHash } from "node:crypto";

/**
 * Positions of the ids in the order of the SHA-256 of `KEY ID`: an order without pattern that any program can find again.
 *
 * @example
 * hashOrder(["a", "b", "c"], "seed-1"); // [2, 0, 1]
 */
export function hashOrder(ids: readonly string[], key: string): readonly number[] {
  const keys = ids.map((id) => createHash("sha256").update(`${key} ${id}`).digest("hex"));
  return [...ids.keys()].toSorted((a, b) => (keys[a] < keys[b] ? -1 : 1));
}

/** SHA-256 of ids, one a line. */
export function hashOfIds(ids: readonly string[]): string {
  return createHash("sha256").update(ids.join("\n")).digest("hex");
}
