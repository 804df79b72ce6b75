// @ts-check
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../setup/process.mjs";

/** @typedef {import("../setup/process.mjs").Ending} Ending */

export const tfjsNodeVersion = "4.22.0";

/** Of Node-API, not of Node: an addon made for 8 runs in every Node from 18 on, without being built again. */
const napiVersion = 8;

/** What tfjs-node's own dependencies resolve to: what was public then. */
const before = "2026-06-01";

/** @param {string} cache */
export function tfjsNodeFolder(cache) {
  return join(cache, "node_modules", "@tensorflow", "tfjs-node");
}

/**
 * Installs tfjs-node without its install script, which would download. It is given this workspace's tfjs: a process must have one engine.
 *
 * @param {string} cache
 * @returns {Promise<Ending>}
 */
export async function installPackage(cache) {
  const dependencies = { "@tensorflow/tfjs-node": tfjsNodeVersion, "node-api-headers": "1.9.0" };
  await writeFile(join(cache, "package.json"), JSON.stringify({ private: true, dependencies }));
  const options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", `--before=${before}`];
  const ending = await run("npm", ["install", ...options], { cwd: cache, output: "capture", input: "ignore" });
  if (ending.code !== 0) return ending;

  const scope = dirname(tfjsNodeFolder(cache));
  const others = (await readdir(scope)).filter((name) => name !== "tfjs-node");
  await Promise.all(others.map((name) => rm(join(scope, name), { recursive: true, force: true })));
  const tfjs = createRequire(import.meta.url).resolve("@tensorflow/tfjs/package.json");
  // tfjs-node imports tfjs-core as well, without saying so in its manifest.
  const core = createRequire(tfjs).resolve("@tensorflow/tfjs-core/package.json");
  await symlink(dirname(tfjs), join(scope, "tfjs"));
  await symlink(dirname(core), join(scope, "tfjs-core"));
  return ending;
}

/**
 * Compiles the addon as the package's `binding.gyp` says, to where the package looks for it.
 *
 * @param {string} cache
 * @param {{ folder: string, include: string, names: string[] }} library
 * @returns {Promise<Ending>}
 */
export async function buildAddon(cache, library) {
  const tfjsNode = tfjsNodeFolder(cache);
  const output = join(tfjsNode, "lib", `napi-v${napiVersion}`);
  await mkdir(output, { recursive: true });
  // Between folders of the cache a relative path, so that the cache may be moved.
  const inside = !relative(cache, library.folder).startsWith("..");
  const runPath = inside ? `$ORIGIN/${relative(output, library.folder)}` : library.folder;
  const compile = ["-std=c++17", "-O2", "-fPIC", "-shared", `-DNAPI_VERSION=${napiVersion}`];
  const includes = [`-I${join(cache, "node_modules/node-api-headers/include")}`, `-I${library.include}`];
  const sources = [join(tfjsNode, "binding/tfjs_backend.cc"), join(tfjsNode, "binding/tfjs_binding.cc")];
  const link = [`-L${library.folder}`, ...library.names.map((name) => `-l:${name}`), `-Wl,-rpath,${runPath}`];
  const args = [...compile, ...includes, ...sources, "-o", join(output, "tfjs_binding.node"), ...link];
  return run(process.env["CXX"] || "c++", args, { output: "capture", input: "ignore" });
}

/**
 * Loads what was built in a process of its own and multiplies two matrices.
 *
 * @param {string} cache
 */
export function tryAddon(cache) {
  const script = fileURLToPath(new URL("try.mjs", import.meta.url));
  return run(process.execPath, [script, tfjsNodeFolder(cache)], { output: "capture", input: "ignore" });
}
