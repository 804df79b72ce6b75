// @ts-check
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "../setup/process.mjs";

/**
 * The wheel that carries TensorFlow's C library and its headers. Which Python it is made for makes no difference to the library: naming one gives every
 * machine the same file, and so one sum to check.
 */
export const wheel = {
  version: "2.18.1",
  platform: "linux x64",
  request: ["--platform=manylinux2014_x86_64", "--python-version=3.11", "--implementation=cp", "--abi=cp311", "tensorflow-cpu==2.18.1"],
  sha256: "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298",
};

/** What tfjs-node's addon is linked to and compiled against, of a wheel of 1.2 GB. */
const parts = ["tensorflow/libtensorflow", "tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/ctstring"];
const furtherParts = ["tensorflow/include/tsl/platform/ctstring", "tensorflow/include/xla/tsl/c/", "tensorflow/include/xla/c/"];

const unpacker = `
import sys, zipfile
wheel, folder, *parts = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(tuple(parts))])
`;

/** @typedef {import("../setup/process.mjs").Ending} Ending */

/**
 * Fetches the wheel with the machine's own pip, so from the index that it is set up for; checks it, and unpacks `tensorflow/` of it into a folder.
 *
 * @param {string} folder
 * @returns {Promise<Ending>}
 */
export async function fetchLibrary(folder) {
  const problem = platformProblem(`${process.platform} ${process.arch}`);
  if (problem) return failed(problem);
  const temporary = await mkdtemp(join(folder, "wheel-"));
  try {
    const options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", `--dest=${temporary}`];
    const fetched = await run("python3", ["-m", "pip", "download", ...options, ...wheel.request], { output: "capture", input: "ignore" });
    if (fetched.code !== 0)
      return { ...fetched, output: `${fetched.output}\npip could not fetch the wheel. Python 3 with pip is needed; --tensorflow takes a folder.` };
    const [name = ""] = await readdir(temporary);
    return await unpackWheel(join(temporary, name), folder, wheel.sha256);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @param {string} platform @returns {string | undefined} */
export function platformProblem(platform) {
  if (platform === wheel.platform) return undefined;
  return `The pinned wheel is for ${wheel.platform}, and this is ${platform}: give the folder of an installed TensorFlow with --tensorflow.`;
}

/**
 * @param {string} file
 * @param {string} folder
 * @param {string} sha256
 * @returns {Promise<Ending>}
 */
export async function unpackWheel(file, folder, sha256) {
  const found = await sum(file);
  if (found !== sha256) return failed(`${file} is not the file that was expected: its SHA-256 is ${found} and should be ${sha256}.`);
  // Beside its place until it is whole: a library that was cut short would be taken for one that is there.
  const temporary = await mkdtemp(join(folder, "unpacked-"));
  try {
    const ending = await run("python3", ["-c", unpacker, file, temporary, ...parts, ...furtherParts], { output: "capture", input: "ignore" });
    if (ending.code !== 0) return ending;
    await rm(join(folder, "tensorflow"), { recursive: true, force: true });
    await rename(join(temporary, "tensorflow"), join(folder, "tensorflow"));
    return ending;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The libraries in the folder of a TensorFlow: `libtensorflow_cc` in a Python package, `libtensorflow` in the C distribution's `lib`.
 *
 * @param {string} folder
 * @returns {{ folder: string, include: string, names: string[] } | undefined}
 */
export function findLibrary(folder) {
  const layouts = [
    { place: ".", include: "include", names: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] },
    { place: "lib", include: "include", names: ["libtensorflow.so.2", "libtensorflow_framework.so.2"] },
  ];
  for (const { place, include, names } of layouts) {
    const found = { folder: resolve(folder, place), include: resolve(folder, include), names };
    if (names.every((name) => existsSync(join(found.folder, name))) && existsSync(join(found.include, "tensorflow/c/c_api.h"))) return found;
  }
  return undefined;
}

/** @param {string} file */
async function sum(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** @param {string} output @returns {Ending} */
function failed(output) {
  return { code: 1, signal: null, stdout: "", output };
}
