// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";

/**
 * @typedef {"core" | "library" | "conformance" | "method" | "bench" | "app"} Layer
 *
 * @typedef {object} SourceFile
 * @property {string} path from the workspace's root, with forward slashes: "packages/core/src/tree/hash.ts"
 * @property {string} inside from the package's `src`: "tree/hash.ts"
 * @property {boolean} shipped whether the package carries it; tests and fixtures stay behind
 * @property {readonly string[]} imports specifiers; those of types and dynamic imports too
 * @property {number} lines
 *
 * @typedef {object} Package
 * @property {string} name "@lethe/core"
 * @property {string} folder from the workspace's root: "packages/core"
 * @property {Layer} layer
 * @property {Record<string, any>} manifest package.json
 * @property {(path: string) => boolean} has whether the package holds a file
 * @property {readonly SourceFile[]} files
 *
 * @typedef {object} Workspace
 * @property {readonly Package[]} packages
 * @property {string} lockFile text of pnpm-lock.yaml
 *
 * @typedef {(workspace: Workspace) => string[]} Rule gives one sentence for each breach
 */

/** @type {Record<string, Layer>} */
const layersByFolder = { "packages/core": "core", "packages/conformance": "conformance", "packages/bench": "bench" };

/** @param {string} folder @returns {Layer} */
function layerOf(folder) {
  if (folder.startsWith("apps/")) return "app";
  if (folder.startsWith("packages/methods/")) return "method";
  return layersByFolder[folder] ?? "library";
}

/** @param {string} root @returns {Workspace} */
export function readWorkspace(root) {
  const folders = ["packages", "packages/methods", "apps"].flatMap((parent) => foldersIn(root, parent));
  const packages = folders.filter((folder) => existsSync(join(root, folder, "package.json"))).map((folder) => readPackage(root, folder));
  return { packages, lockFile: readFileSync(join(root, "pnpm-lock.yaml"), "utf8") };
}

/** @param {string} root @param {string} parent */
function foldersIn(root, parent) {
  if (!existsSync(join(root, parent))) return [];
  const entries = readdirSync(join(root, parent), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${parent}/${entry.name}`);
}

/** @param {string} root @param {string} folder @returns {Package} */
function readPackage(root, folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const has = (/** @type {string} */ path) => existsSync(join(root, folder, path));
  const files = sourcesIn(root, `${folder}/src`).map((path) => readSource(root, folder, path));
  return { name: manifest.name, folder, layer: layerOf(folder), manifest, has, files };
}

/** @param {string} root @param {string} folder @returns {string[]} */
function sourcesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(root, path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  });
}

/** @param {string} root @param {string} folder @param {string} path @returns {SourceFile} */
function readSource(root, folder, path) {
  const text = readFileSync(join(root, path), "utf8");
  const inside = posix.relative(`${folder}/src`, path);
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return { path, inside, shipped: isShipped(inside), imports, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0) };
}

/** @param {string} inside a path below `src` */
export function isShipped(inside) {
  return !/\.(test|bench)\.[cm]?[jt]sx?$/.test(inside) && !inside.split("/").includes("fixtures");
}

/** The package that a specifier names, or undefined for a relative path: "@lethe/core/io" gives "@lethe/core". @param {string} specifier */
export function packageOf(specifier) {
  if (specifier.startsWith(".") || specifier.startsWith("/")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The file that a relative specifier names, from the workspace's root. @param {SourceFile} file @param {string} specifier */
export function resolveRelative(file, specifier) {
  return posix.join(posix.dirname(file.path), specifier);
}
