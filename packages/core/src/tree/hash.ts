import type { HostTree } from "./host-tree.ts";

const encoder = new TextEncoder();

/** SHA-256 as lower-case hexadecimal. */
export async function sha256(content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  // The cast narrows away SharedArrayBuffer, which no caller here passes.
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Hash of a tree's names, shapes, element types and bits, in the order of the tree.
 * Computed as the hash of one line per tensor, so that no copy of all of them is ever needed.
 */
export async function hashTree(tree: HostTree): Promise<string> {
  const lines: string[] = [];
  for (const [name, { shape, values }] of Object.entries(tree)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    lines.push(`${name}\t${shape.join("x")}\t${values.constructor.name}\t${await sha256(bytes)}`);
  }
  return sha256(lines.join("\n"));
}
