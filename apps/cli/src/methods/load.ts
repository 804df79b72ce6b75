import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LetheError, type AnyMethod } from "@lethe/core";
import { catalogue, packagesOf } from "./catalogue.ts";
import { findPackage, ownVersion, sharesEngine } from "./packages.ts";

export type Method = AnyMethod["method"];

export interface LoadedMethod {
  readonly method: Method;
  /** The package, or the path of a file. */
  readonly source: string;
  readonly version: string | undefined;
}

/**
 * Imports one method, and nothing else.
 *
 * @param name an id (`ssd`: the package `@lethe/ssd` or `lethe-method-ssd`), the name of a package, or the path of a module. A package is looked for where
 * the user works first, then among those that come with the command line.
 * @throws LetheError `method/not-installed`, `method/not-loadable`, `method/other-engine`, `method/not-a-method`, `method/other-contract`.
 */
export async function loadMethod(name: string, cwd: string): Promise<LoadedMethod> {
  if (isPath(name)) {
    const path = resolve(cwd, name);
    return { method: pickMethod(await importFile(path, name), undefined, name), source: path, version: undefined };
  }
  const isPackage = name.startsWith("@") || name.startsWith("lethe-method-");
  for (const packageName of isPackage ? [name] : packagesOf(name)) {
    const loaded = await importPackage(packageName, cwd);
    if (loaded !== undefined)
      return { method: pickMethod(loaded.module, isPackage ? undefined : name, packageName), source: packageName, version: loaded.version };
  }
  throw notInstalled(name, isPackage);
}

/** By which a method is found again from any folder: a path is written out, all else is left as the user wrote it. */
export function nameOf({ source, version }: LoadedMethod, given: string): string {
  return version === undefined ? source : given;
}

type Module = Readonly<Record<string, unknown>>;

async function importPackage(name: string, cwd: string): Promise<{ module: Module; version: string } | undefined> {
  const found = await findPackage(name, cwd);
  if (found !== undefined) return { module: await importFile(found.entry, name), version: found.version };
  try {
    return { module: (await import(/* @vite-ignore */ name)) as Module, version: await ownVersion(name) };
  } catch (error) {
    // A package that is there but lacks one of its own is not a package that is not there.
    if (isNotFound(error) && error.message.includes(name)) return undefined;
    throw notLoadable(name, error);
  }
}

async function importFile(path: string, name: string): Promise<Module> {
  let module: Module;
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Module;
  } catch (error) {
    throw notLoadable(name, error);
  }
  if (await sharesEngine(path)) return module;
  throw new LetheError(
    "method/other-engine",
    `${name} uses another copy of @tensorflow/tfjs than this lethe does; install lethe beside it and run it with npx lethe.`,
    { method: name },
  );
}

/** What a module exports as a method: an object that follows the contract. With several, the one with the id asked for. */
function pickMethod(module: Module, id: string | undefined, name: string): Method {
  const found = [...new Set(Object.values(module).filter(looksLikeMethod))];
  const chosen = found.length === 1 ? found[0] : found.find((method) => method.id === id);
  if (chosen === undefined) {
    const what = found.length === 0 ? "exports no unlearning method" : `exports several methods (${found.map((method) => method.id).join(", ")})`;
    throw new LetheError("method/not-a-method", `${name} ${what}; a method is an exported object with contract: 1, id, options and unlearn.`, {
      method: name,
    });
  }
  if (chosen.contract === 1) return chosen;
  throw new LetheError(
    "method/other-contract",
    `${name} follows contract ${String(chosen.contract)}, this lethe knows contract 1; install versions that go together.`,
    {
      method: name,
      contract: chosen.contract,
    },
  );
}

function looksLikeMethod(value: unknown): value is Method {
  if (typeof value !== "object" || value === null || !("contract" in value) || !("id" in value)) return false;
  return (
    typeof value.contract === "number" &&
    typeof value.id === "string" &&
    "options" in value &&
    "unlearn" in value &&
    typeof value.unlearn === "function"
  );
}

function notInstalled(name: string, isPackage: boolean): LetheError {
  const commands = (isPackage ? [name] : packagesOf(name)).map((each) => `npm install ${each}`);
  const shown = catalogue.has(name) ? commands.slice(0, 1) : commands;
  return new LetheError("method/not-installed", `The method ${name} is not installed; ${shown.join(" or ")}, or give the path of its module.`, {
    method: name,
    install: shown,
    hint: [`lethe methods lists the methods that are installed.`],
  });
}

function notLoadable(name: string, cause: unknown): LetheError {
  const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new LetheError("method/not-loadable", `${name} cannot be loaded: ${reason}`, { method: name }, { cause });
}

function isNotFound(error: unknown): error is Error {
  return error instanceof Error && "code" in error && (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND");
}

function isPath(name: string): boolean {
  return name.startsWith(".") || isAbsolute(name) || /\.[cm]?[jt]s$/.test(name);
}
