// @ts-check
// Makes @tensorflow/tfjs-node run where its vendor's download does not: `node tooling/libtensorflow/main.mjs [--into FOLDER] [--tensorflow FOLDER]`.
// Wants npm, a C++ compiler and, unless it is given a TensorFlow, Python 3 with pip.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { stage } from "../setup/stage.mjs";
import { rootPath } from "../setup/workspace.mjs";
import { buildAddon, installPackage, tfjsNodeFolder, tfjsNodeVersion, tryAddon } from "./addon.mjs";
import { fetchLibrary, findLibrary, wheel } from "./library.mjs";

const { values } = parseArgs({ options: { into: { type: "string" }, tensorflow: { type: "string" } } });
const cache = resolve(values.into ?? join(rootPath, "node_modules/.cache/lethe/libtensorflow"));
const tensorflow = resolve(values.tensorflow ?? join(cache, "tensorflow"));

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** @param {string} name @param {Parameters<typeof stage>[1]} step */
async function must(name, step) {
  const ending = await stage(name, step);
  if (ending.code !== 0) process.exit(ending.code);
  return ending;
}

await mkdir(cache, { recursive: true });
if (values.tensorflow === undefined && !findLibrary(tensorflow)) await must(`libtensorflow ${wheel.version}`, () => fetchLibrary(cache));
const library =
  findLibrary(tensorflow) ?? stop(`${tensorflow} has no libtensorflow with its headers: name the folder "tensorflow" of a Python installation.`);
await must(`tfjs-node ${tfjsNodeVersion}`, () => installPackage(cache));
await must("addon", () => buildAddon(cache, library));
const { stdout } = await must("trial", () => tryAddon(cache));
console.error(`tfjs-node ${tfjsNodeVersion} runs on libtensorflow ${stdout.trim()}. Lethe takes it where this variable is set:`);
console.log(`export LETHE_TFJS_NODE="${tfjsNodeFolder(cache)}"`);
