import type { HostTree } from "./host-tree.ts";

const encoder = new TextEncoder();

/** SHA-256 as lower-case hexadecimal. */
export async function sha256(content: Uint8Array | string): Promise<string> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  // The cast narrows away SharedArrayBuffer, which no caller here passes.
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of parts laid one after the other. Where there is Node, only one part is in memory at a time; a browser can hash whole contents only. */
export async function sha256OfParts(parts: AsyncIterable<Uint8Array>): Promise<string> {
  // Not an import: a bundler for browsers would follow it and fail.
  const node = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (node === undefined) return sha256(await joined(parts));
  const hash = node.createHash("sha256");
  for await (const part of parts) hash.update(part);
  return hash.digest("hex");
}

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  const whole = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of all) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
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
