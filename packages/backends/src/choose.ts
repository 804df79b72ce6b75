import * as tf from "@tensorflow/tfjs";
import { LetheError } from "@lethe/core";
import { backendNames, candidates } from "./candidates.ts";
import type { BackendName, ConsideredBackend } from "./candidates.ts";
import { improveGradients } from "./gradients/improve.ts";
import { completeTensorflowBackend } from "./tensorflow/complete.ts";
import { completeWasmBackend } from "./wasm/complete.ts";
import { completeWebgpuBackend } from "./webgpu/complete.ts";

export interface ChooseBackendOptions {
  /** This backend and no other. */
  name?: BackendName;
  /** Where a browser finds the `.wasm` files, a URL that ends in a slash. Node finds them inside the package by itself. */
  wasmFolder?: string;
}

export interface ChosenBackend {
  name: BackendName;
  /** One sentence: why this one. */
  reason: string;
  considered: readonly ConsideredBackend[];
  /** Package name (or "node") to version. */
  versions: Readonly<Record<string, string>>;
}

/**
 * Sets the fastest tfjs backend that is installed and works here, of tensorflow (tfjs-node-gpu, tfjs-node), webgpu, wasm and cpu; completes
 * it ({@link completeWasmBackend}, {@link completeTensorflowBackend}, {@link completeWebgpuBackend}) and improves the gradients ({@link improveGradients}). Optional packages are imported only here.
 *
 * Call it before the first tensor is made: a process has one backend, and switching it under live tensors gives wrong gradients.
 *
 * @throws LetheError `backend/unavailable` where the named backend is missing or does not start, with how to install it;
 * `backend/unknown` for another name; `backend/tensors-alive` where tensors of another backend exist
 * @example
 * const { name, reason } = await chooseBackend(); // "wasm", "wasm is the fastest backend here: ..."
 */
export async function chooseBackend(options: ChooseBackendOptions = {}): Promise<ChosenBackend> {
  const standing = standingBackend();
  const wanted = options.name === undefined ? backendNames : [known(options.name)];
  const considered: ConsideredBackend[] = [];
  for (const name of wanted) {
    const found = await consider(name);
    considered.push(found);
    if (!found.available || (found.discouraged && options.name === undefined)) continue;
    const problem = await start(name, options, standing);
    if (problem === undefined) {
      const reason = options.name === undefined ? `${name} is the fastest backend that works here. ${found.reason}` : `${name} was asked for.`;
      return {
        name,
        reason,
        considered,
        versions: { "@tensorflow/tfjs": tf.version.tfjs, ...found.versions },
      };
    }
    considered[considered.length - 1] = { ...found, available: false, reason: problem };
  }
  const name = wanted.at(-1) as BackendName;
  throw new LetheError("backend/unavailable", `The ${name} backend is not available: ${considered.at(-1)?.reason} ${candidates[name].remedy}`, {
    considered,
  });
}

/** Looks for every backend without setting one. Packages that are installed are imported to see whether they load. */
export async function inspectBackends(): Promise<ConsideredBackend[]> {
  const before = standingBackend();
  const found: ConsideredBackend[] = [];
  for (const name of backendNames) found.push(await consider(name));
  // tfjs-node sets its backend when it is imported.
  if (before && tf.engine().backendName !== before.name) await tf.setBackend(before.name);
  return found;
}

/** The backend that was set before any package was imported, and the tensors it holds. */
interface Standing {
  readonly name: string;
  readonly tensors: number;
}

function standingBackend(): Standing | undefined {
  const { backendName, state } = tf.engine();
  return backendName ? { name: backendName, tensors: state.numTensors } : undefined;
}

async function consider(name: BackendName): Promise<ConsideredBackend> {
  const { available, discouraged = false, reason, versions = {}, adapter } = await candidates[name].load();
  return { name, available, discouraged, reason, remedy: candidates[name].remedy, versions, ...(adapter ? { adapter } : {}) };
}

function known(name: BackendName): BackendName {
  if (backendNames.includes(name)) return name;
  throw new LetheError("backend/unknown", `There is no backend "${String(name)}"; choose one of ${backendNames.join(", ")}.`, { name });
}

/** Sets and completes a backend; returns what went wrong, if anything did. */
async function start(name: BackendName, { wasmFolder }: ChooseBackendOptions, standing: Standing | undefined): Promise<string | undefined> {
  if (standing && standing.name !== name && standing.tensors > 0) {
    // Looking for the wanted one may have set it already.
    await tf.setBackend(standing.name);
    throw new LetheError(
      "backend/tensors-alive",
      `${standing.tensors} tensors of the ${standing.name} backend are alive, so ${name} cannot be set: choose the backend before making the first tensor or model.`,
      { current: standing.name, wanted: name, tensors: standing.tensors },
    );
  }
  if (name === "wasm") {
    if (wasmFolder !== undefined) (await import("@tensorflow/tfjs-backend-wasm")).setWasmPaths(wasmFolder);
    completeWasmBackend();
  }
  if (name === "tensorflow") completeTensorflowBackend();
  improveGradients();
  try {
    if (!(await tf.setBackend(name))) return "It is installed but does not start.";
    await tf.ready();
    if (name === "webgpu") completeWebgpuBackend();
    return undefined;
  } catch (error) {
    return `It is installed but does not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}
