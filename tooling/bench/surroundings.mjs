// @ts-check
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { readWorkspace } from "../checks/structure/workspace.mjs";

/** The machine that numbers were measured on; memory in GiB. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
  };
}

/** The versions of what was measured. @returns {Promise<Record<string, string>>} */
export async function describeVersions() {
  const tfjs = JSON.parse(await readFile(createRequire(import.meta.url).resolve("@tensorflow/tfjs/package.json"), "utf8"));
  const { packages } = readWorkspace(fileURLToPath(new URL("../../", import.meta.url)));
  const ours = packages.map(({ name, manifest }) => [name, manifest["version"]]);
  return { node: process.versions.node, tfjs: tfjs.version, ...Object.fromEntries(ours) };
}
