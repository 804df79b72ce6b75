import type { CatalogueEntry, Origin } from "./entry.ts";

/** The file beside the data that says what they are and whose. */
export const originName = "lethe-data.json";

export function originText({ name, title, licence, citation, homepage, files }: CatalogueEntry, origin: Origin): string {
  const from = origin.kind === "bring" ? "files that were brought" : `${origin.kind} ${origin.package}`;
  const sums = files.map((file) => ({ name: file.name, bytes: file.bytes, [file.sum.algorithm]: file.sum.value }));
  return `${JSON.stringify({ format: "lethe/data", version: 1, name, title, licence, citation, homepage, from, files: sums }, undefined, 2)}\n`;
}
