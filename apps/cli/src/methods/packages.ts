import { readFile, readdir, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface InstalledPackage {
  readonly name: string;
  readonly folder: string;
  readonly version: string;
  /** The file that `import` of the package loads. */
  readonly entry: string;
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly exports?: Exports;
}

type Exports = string | null | { readonly [key: string]: Exports };

/** A package installed where the user works: in `node_modules` of the folder or of one above it, as Node looks for it. */
export async function findPackage(name: string, from: string): Promise<InstalledPackage | undefined> {
  for (const modules of moduleFolders(from)) {
    const folder = join(modules, name);
    const content = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
    if (content === undefined) continue;
    const description = JSON.parse(content) as PackageJson;
    return { name, folder, version: description.version ?? "unknown", entry: join(folder, entryOf(description)) };
  }
  return undefined;
}

/** Names of the packages in reach of `from` that begin with `prefix`. */
export async function listPackages(prefix: string, from: string): Promise<readonly string[]> {
  const found = await Promise.all(moduleFolders(from).map((modules) => readdir(modules).catch(() => [])));
  return [...new Set(found.flat())].filter((name) => name.startsWith(prefix)).toSorted();
}

/** The version of a package that comes with the command line itself. */
export async function ownVersion(name: string): Promise<string> {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(await readFile(path, "utf8")) as PackageJson).version ?? "unknown";
}

/**
 * Whether code in `file` gets the TensorFlow.js that this program uses. Two copies have two engines, and tensors of one mean nothing to the
 * other.
 */
export async function sharesEngine(file: string): Promise<boolean> {
  const find = async (from: string) => realpath(createRequire(from).resolve("@tensorflow/tfjs/package.json"));
  const [ours, theirs] = await Promise.all([find(import.meta.url), find(await realpath(file)).catch(() => undefined)]);
  return theirs === undefined || theirs === ours;
}

function moduleFolders(from: string): string[] {
  const above = dirname(from);
  return [join(from, "node_modules"), ...(above === from ? [] : moduleFolders(above))];
}

function entryOf({ exports, main }: PackageJson): string {
  const root = typeof exports === "object" && exports !== null && "." in exports ? exports["."] : exports;
  return resolveConditions(root) ?? main ?? "index.js";
}

/** The first condition that Node's `import` accepts, as Node reads the map: in the order in which it is written. */
function resolveConditions(exports: Exports | undefined): string | undefined {
  if (exports === undefined || exports === null || typeof exports === "string") return exports ?? undefined;
  for (const [condition, target] of Object.entries(exports)) {
    if (!["node", "import", "module-sync", "default"].includes(condition)) continue;
    const found = resolveConditions(target);
    if (found !== undefined) return found;
  }
  return undefined;
}
