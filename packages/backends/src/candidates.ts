import * as tf from "@tensorflow/tfjs";
import { libraryVersion, loadTfjsNode, tfjsNodeVariable } from "./tensorflow/load.ts";
import type { GpuAdapter } from "./webgpu/adapter.ts";
import { loadWebgpu } from "./webgpu/load.ts";
import { webgpuVariable } from "./webgpu/node.ts";

/** The tfjs backends Lethe knows, the fastest first. */
export const backendNames = ["tensorflow", "webgpu", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

/** What was found out about one backend, as data and as a sentence. */
export interface ConsideredBackend {
  name: BackendName;
  /** Whether it can be set. */
  available: boolean;
  /** Whether an automatic choice passes over it although it is available (a GPU emulated in software). */
  discouraged: boolean;
  reason: string;
  /** One sentence that says how to get it. */
  remedy: string;
  /** Package name to version, of what was loaded for it. */
  versions: Readonly<Record<string, string>>;
  /** The GPU, where there is one. */
  adapter?: GpuAdapter;
}

/** What loading a backend found: its verdict, and the versions of what was loaded. */
interface Loaded {
  available: boolean;
  discouraged?: boolean;
  reason: string;
  versions?: Readonly<Record<string, string>>;
  adapter?: GpuAdapter;
}

interface Candidate {
  /** One sentence that says how to get it. */
  remedy: string;
  /** Imports what registers the backend with tfjs, without setting it. Never throws. */
  load: () => Promise<Loaded>;
}

export const candidates: Readonly<Record<BackendName, Candidate>> = {
  tensorflow: {
    remedy: `Install @tensorflow/tfjs-node-gpu (NVIDIA GPU) or @tensorflow/tfjs-node beside @tensorflow/tfjs, or name the folder of one in ${tfjsNodeVariable}; they run in Node only.`,
    load: async () => {
      if (tf.findBackendFactory("tensorflow")) {
        return { available: true, reason: "TensorFlow's native library has been loaded already.", versions: libraryVersion() };
      }
      if (!inNode()) return { available: false, reason: "It runs in Node only." };
      const folder = process.env[tfjsNodeVariable];
      if (folder) return loadTensorflow(folder, `The tfjs-node in ${folder}, which ${tfjsNodeVariable} names,`);
      const gpu = await loadTensorflow("@tensorflow/tfjs-node-gpu");
      const found = gpu.available ? gpu : await loadTensorflow("@tensorflow/tfjs-node");
      if (found.available) return found;
      return { available: false, reason: `${gpu.reason} ${found.reason}` };
    },
  },
  webgpu: {
    remedy: `In Node, install @tensorflow/tfjs-backend-webgpu and webgpu (or name the folder of the latter in ${webgpuVariable}), and the driver of the GPU; or use a browser with WebGPU.`,
    load: loadWebgpu,
  },
  wasm: {
    remedy: "Install @tensorflow/tfjs-backend-wasm beside @tensorflow/tfjs.",
    load: async () => {
      try {
        // By its literal name, so that bundlers find it; the others are too rare and too large to be pulled into every bundle.
        const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
        const versions = { "@tensorflow/tfjs-backend-wasm": version_wasm };
        return { available: true, reason: "@tensorflow/tfjs-backend-wasm is installed.", versions };
      } catch (error) {
        return failure("@tensorflow/tfjs-backend-wasm", error);
      }
    },
  },
  cpu: {
    remedy: "It comes with @tensorflow/tfjs.",
    load: async () => ({ available: true, reason: "It comes with @tensorflow/tfjs." }),
  },
};

function inNode(): boolean {
  return typeof process !== "undefined" && typeof process.versions?.node === "string";
}

async function loadTensorflow(place: string, name = place): Promise<Loaded> {
  try {
    return { available: true, reason: `${name} is installed.`, versions: await loadTfjsNode(place) };
  } catch (error) {
    return failure(place, error, name);
  }
}

function failure(place: string, error: unknown, name = place): Loaded {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | undefined)?.code;
  // The package itself may be present and one of its own parts missing: then the message names that part.
  const absent = (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes(`'${place}'`);
  const firstLine = message.split("\n")[0] as string;
  return {
    available: false,
    reason: absent ? `${name} is not installed.` : `${name} does not load: ${firstLine.replace(/\.?$/, ".")}`,
  };
}
