import { createRequire } from "node:module";
import { LetheError, parseJsonBytes } from "@lethe/core";
import { readFileChecked } from "@lethe/core/files";

/** Every package whose code has a part in the numbers. */
const packages = ["@lethe/bench", "@lethe/core", "@lethe/backends", "@lethe/datasets", "@lethe/metrics", "@lethe/models", "@tensorflow/tfjs"];

/**
 * Their versions as they are installed. They are part of the name of everything in a cache, whatever an application says of versions.
 *
 * @throws LetheError `environment/no-version`.
 */
export async function packageVersions(): Promise<Readonly<Record<string, string>>> {
  const { resolve } = createRequire(import.meta.url);
  const versionOf = async (name: string) => {
    const path = resolve(`${name}/package.json`);
    const { version } = parseJsonBytes(await readFileChecked(path)) as { readonly version?: unknown };
    if (typeof version === "string") return [name, version] as const;
    throw new LetheError("environment/no-version", `${path} names no version; install ${name} again.`, { path });
  };
  return Object.fromEntries(await Promise.all(packages.map(versionOf)));
}
