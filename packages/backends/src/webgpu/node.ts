/** Names the folder of a `webgpu` package that stands where no import looks, such as the one that a checkout of Lethe installs for itself. */
export const webgpuVariable = "LETHE_WEBGPU";

/** A way to a GPU in Node, or why there is none. */
export type NodeGpu = { readonly gpu: object; readonly versions: Readonly<Record<string, string>> } | { readonly problem: string };

/** Kept: a Dawn instance that is collected takes its devices along. */
let found: Promise<NodeGpu> | undefined;

/**
 * Puts Dawn, from the npm package `webgpu`, where browsers have `navigator.gpu`, and its classes and constants where the backend looks for them. Once a
 * process; never throws.
 */
export function provideNodeGpu(): Promise<NodeGpu> {
  found ??= provide();
  return found;
}

async function provide(): Promise<NodeGpu> {
  const problem = missingLoader();
  const folder = process.env[webgpuVariable];
  // A variable, so that neither the compiler nor a bundler demands that it be installed.
  const name: string = folder ? entryOf(folder) : "webgpu";
  try {
    // Dawn says on stderr what it misses: so it is not loaded where that is known beforehand.
    if (problem !== undefined) return isInstalled(name) ? { problem } : { problem: "The package webgpu is not installed." };
    const { create, globals } = (await import(/* @vite-ignore */ name)) as Dawn;
    const gpu = create([]);
    Object.assign(globalThis, globals);
    if (globalThis.navigator === undefined) Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
    Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
    return { gpu, versions: versionOf(name) };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (code === "ERR_MODULE_NOT_FOUND" && message?.includes("webgpu")) return { problem: "The package webgpu is not installed." };
    return { problem: `The package webgpu does not load: ${message?.split("\n")[0] ?? String(error)}` };
  }
}

interface Dawn {
  create(options: readonly string[]): object;
  readonly globals: object;
}

function entryOf(folder: string): string {
  const { resolve } = process.getBuiltinModule("node:path");
  return process.getBuiltinModule("node:url").pathToFileURL(resolve(folder, "index.js")).href;
}

/** On Linux, Dawn reaches GPUs through Vulkan's loader, which comes with the driver or as a package. */
function missingLoader(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const loader = "libvulkan.so.1";
  try {
    // It is no addon, so that this always throws: but only after the system has found the library.
    process.dlopen({ exports: {} }, loader);
  } catch (error) {
    const { message } = error as Error;
    if (message.includes("cannot open shared object")) {
      return `Vulkan's loader ${loader} is not there; install it (libvulkan1 on Debian and Ubuntu, vulkan-loader on Fedora) and the driver of the GPU.`;
    }
  }
  return undefined;
}

function requireHere(): NodeJS.Require {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url);
}

function isInstalled(name: string): boolean {
  if (name.startsWith("file:")) return process.getBuiltinModule("node:fs").existsSync(new URL(name));
  try {
    requireHere().resolve(name);
    return true;
  } catch {
    return false;
  }
}

function versionOf(name: string): Readonly<Record<string, string>> {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    const entry = name.startsWith("file:") ? new URL(name) : process.getBuiltinModule("node:url").pathToFileURL(requireHere().resolve(name));
    const { version } = JSON.parse(readFileSync(new URL("package.json", entry), "utf8")) as { version?: unknown };
    return typeof version === "string" ? { webgpu: version } : {};
  } catch {
    return {};
  }
}
