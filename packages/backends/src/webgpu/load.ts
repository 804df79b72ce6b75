import * as tf from "@tensorflow/tfjs";
import { adapterName, findAdapter, type Gpu, type GpuAdapter } from "./adapter.ts";
import { provideNodeGpu } from "./node.ts";

/** What was found of WebGPU: the adapter, and what has been loaded. */
export interface LoadedWebgpu {
  readonly available: boolean;
  readonly discouraged?: boolean;
  readonly reason: string;
  readonly adapter?: GpuAdapter;
  readonly versions?: Readonly<Record<string, string>>;
}

const backendPackage: string = "@tensorflow/tfjs-backend-webgpu";

/** Finds a GPU and imports the backend for it, without setting it. Never throws. */
export async function loadWebgpu(): Promise<LoadedWebgpu> {
  const inNode = typeof process !== "undefined" && typeof process.versions?.node === "string";
  const own = (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu;
  const provided = own === undefined && inNode ? await provideNodeGpu() : undefined;
  if (provided && "problem" in provided) return { available: false, reason: provided.problem };
  const gpu = own ?? (provided?.gpu as Gpu | undefined);
  if (gpu === undefined) return { available: false, reason: "This browser gives no navigator.gpu, or not to a page without https." };
  const adapter = await findAdapter(gpu);
  if (adapter === undefined) return { available: false, reason: noAdapter(inNode) };
  const backend = await loadBackend();
  if (backend.problem !== undefined) return { available: false, reason: backend.problem, adapter };
  const versions = { ...backend.versions, ...(provided && "versions" in provided ? provided.versions : {}) };
  if (adapter.kind === "hardware") return { available: true, reason: `There is an adapter: ${adapterName(adapter)}.`, adapter, versions };
  const reason = `The adapter (${adapterName(adapter)}) is emulated in software, which is slower than wasm.`;
  return { available: true, discouraged: true, reason, adapter, versions };
}

function noAdapter(inNode: boolean): string {
  if (!inNode) return "navigator.gpu has no adapter: this browser sees no GPU, or has barred it; chrome://gpu says why.";
  const driver =
    process.platform === "linux"
      ? "Vulkan sees no GPU with a driver that Dawn can use; vulkaninfo --summary says which it sees."
      : "The system offers no GPU.";
  return `navigator.gpu has no adapter: ${driver}`;
}

async function loadBackend(): Promise<{ versions: Readonly<Record<string, string>>; problem?: string }> {
  if (tf.findBackendFactory("webgpu")) return { versions: {} };
  try {
    const { version_webgpu } = (await import(/* @vite-ignore */ backendPackage)) as { version_webgpu?: unknown };
    return { versions: typeof version_webgpu === "string" ? { [backendPackage]: version_webgpu } : {} };
  } catch (error) {
    const { code, message = String(error) } = error as { code?: unknown; message?: string };
    const absent = (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes(`'${backendPackage}'`);
    const problem = absent ? `${backendPackage} is not installed.` : `${backendPackage} does not load: ${message.split("\n")[0]}`;
    return { versions: {}, problem };
  }
}
