import { LetheError, type HostTree } from "@lethe/core";

/** The layer of a weight: what stands before the last slash of its name; the name itself where there is none. */
export function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/"))) || name;
}

/** @throws LetheError `metrics/shape-mismatch` unless both have the same names, each with the same shape. */
export function checkSameWeights(first: HostTree, second: HostTree): void {
  const names = Object.keys(second);
  if (Object.keys(first).length !== names.length) {
    throw new LetheError("metrics/shape-mismatch", `${Object.keys(first).length} and ${names.length} weights cannot be compared.`);
  }
  for (const name of names) {
    const [own, other] = [first[name], second[name]];
    if (own?.shape.join() === other.shape.join() && own.values.length === other.values.length) continue;
    throw new LetheError("metrics/shape-mismatch", `The weight ${name} has shape [${other.shape.join(", ")}] in one model only.`, { name });
  }
}
