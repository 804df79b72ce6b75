// @ts-check

/** @typedef {import("./workspace.mjs").Rule} Rule */

/** Whoever installs takes tarballs from their own registry: the lock file names no host. @type {Rule} */
export function noTarballAddresses({ lockFile }) {
  return lockFile
    .split("\n")
    .flatMap((line, index) => (/https?:/.test(line) ? [`pnpm-lock.yaml:${index + 1} holds an address: ${line.trim()}`] : []));
}

/** Two copies of tfjs in one process do not know each other's tensors. @type {Rule} */
export function oneEngine({ lockFile }) {
  const versions = new Set(Array.from(lockFile.matchAll(/^ {2}'@tensorflow\/tfjs-core@([^'(]+)/gm), (match) => match[1]));
  return versions.size > 1 ? [`pnpm-lock.yaml holds ${versions.size} versions of @tensorflow/tfjs-core: ${[...versions].join(", ")}.`] : [];
}
