import { join } from "node:path";
import { decodeArtifact, encodeArtifact, type Artifact } from "@lethe/core";
import { readFileChecked, writeFileAtomic } from "@lethe/core/files";
import { readIfThere } from "./read.ts";

/** The name of a method's artifact in a run folder, where `prepare` puts it and `unlearn` looks for it. */
export function artifactName(methodId: string): string {
  return `artifact-${methodId}.safetensors`;
}

export function isArtifactName(name: string): boolean {
  return /^artifact-[\w-]+\.safetensors$/.test(name);
}

/** @throws LetheError `artifact/...`, `safetensors/...`, `file/...`. */
export async function loadArtifact(path: string): Promise<Artifact> {
  return decodeArtifact(await readFileChecked(path), path);
}

/** The artifact that lies in a run folder for this method, if there is one. */
export async function findArtifact(folder: string, methodId: string): Promise<Artifact | undefined> {
  const path = join(folder, artifactName(methodId));
  const bytes = await readIfThere(path);
  return bytes && decodeArtifact(bytes, path);
}

/** @returns bytes written. */
export async function saveArtifact(path: string, artifact: Artifact): Promise<number> {
  const bytes = encodeArtifact(artifact);
  await writeFileAtomic(path, bytes);
  return bytes.byteLength;
}
