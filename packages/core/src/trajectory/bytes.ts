/** Bytes of a SHA-256. */
export const digestBytes = 32;

/** Bytes from which on hashing takes longer than handing it to another thread. */
const worthAThread = 65_536;

export async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  // Not an import: a bundler for browsers would follow it and fail.
  const node = bytes.length < worthAThread ? globalThis.process?.getBuiltinModule?.("node:crypto") : undefined;
  if (node !== undefined) return new Uint8Array(node.createHash("sha256").update(bytes).digest());
  // The cast narrows away SharedArrayBuffer, which no caller here passes.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

export async function digestOfBits(bits: Int32Array): Promise<Uint8Array> {
  return digest(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
