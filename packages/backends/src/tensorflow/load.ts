import * as tf from "@tensorflow/tfjs";

/** Names the folder of a tfjs-node that stands where no import looks, such as the one that a checkout of Lethe builds for itself. */
export const tfjsNodeVariable = "LETHE_TFJS_NODE";

/**
 * Loads a tfjs-node, by the name of its package or by its folder. It registers the backend "tensorflow" with tfjs, and sets it.
 *
 * @returns the versions of the package and of the library under it.
 * @throws whatever kept it from loading.
 */
export async function loadTfjsNode(place: string): Promise<Readonly<Record<string, string>>> {
  restoreNodeUtilities();
  // TensorFlow greets on stderr. Warnings and errors it may still tell.
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "1";
  const { version } = (isFolder(place) ? requireFolder(place) : await import(/* @vite-ignore */ place)) as { version?: { "tfjs-node"?: unknown } };
  const found = version?.["tfjs-node"];
  const name = isFolder(place) ? "@tensorflow/tfjs-node" : place;
  return { ...(typeof found === "string" ? { [name]: found } : {}), ...libraryVersion() };
}

/** The version of the library under a tfjs-node that has been loaded. */
export function libraryVersion(): Readonly<Record<string, string>> {
  const { binding } = (tf.findBackend("tensorflow") ?? {}) as { binding?: { TF_Version?: unknown } };
  return typeof binding?.TF_Version === "string" ? { libtensorflow: binding.TF_Version } : {};
}

/** Every kernel of tfjs-node 4.22 calls functions of `util` that Node 22 warns of and Node 23 took away. */
function restoreNodeUtilities(): void {
  Object.assign(process.getBuiltinModule("node:util"), {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}

function isFolder(place: string): boolean {
  return /^(\.|\/|[a-z]:[\\/])/i.test(place);
}

/** `import` takes no folders. */
function requireFolder(folder: string): unknown {
  const { resolve, sep } = process.getBuiltinModule("node:path");
  const absolute = resolve(folder);
  return process.getBuiltinModule("node:module").createRequire(absolute + sep)(absolute);
}
