// @ts-check
import { existsSync } from "node:fs";
import { join } from "node:path";
import { rootPath } from "../setup/workspace.mjs";

export const webgpuVersion = "0.6.2";

/** Where `node tooling/webgpu/main.mjs` puts things. */
export const webgpuCache = join(rootPath, "node_modules/.cache/lethe/webgpu");

const driverFile = "vk_swiftshader_icd.json";

/** Folders in which distributions put Chromium's own files, among them the driver of SwiftShader, Vulkan in software. */
const chromiumFolders = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser", "/opt/google/chrome"];

/** The folder that holds SwiftShader's driver and Vulkan's loader, if there is one. @param {string} [cache] @returns {string | undefined} */
export function findDriver(cache = webgpuCache) {
  const folders = [join(cache, "driver/usr/lib/chromium"), ...chromiumFolders];
  return folders.find((folder) => existsSync(join(folder, driverFile)) && existsSync(join(folder, "libvulkan.so.1")));
}

/** @param {string} cache */
export function packageFolder(cache) {
  return join(cache, "node_modules/webgpu");
}

/**
 * The variables with which a process finds WebGPU in Node, to be set before it starts: the user's own where `LETHE_WEBGPU` is set, and otherwise the
 * package in the cache on a driver in software. `undefined` where there is no package.
 *
 * @param {Readonly<Record<string, string | undefined>>} [variables]
 * @returns {Record<string, string> | undefined}
 */
export function webgpuEnvironment(variables = process.env) {
  if (variables["LETHE_WEBGPU"]) return {};
  const folder = packageFolder(webgpuCache);
  if (!existsSync(folder)) return undefined;
  const driver = findDriver();
  if (driver === undefined) return { LETHE_WEBGPU: folder };
  const paths = [driver, ...(variables["LD_LIBRARY_PATH"] ? [variables["LD_LIBRARY_PATH"]] : [])];
  const description = join(driver, driverFile);
  return { LETHE_WEBGPU: folder, LD_LIBRARY_PATH: paths.join(":"), VK_DRIVER_FILES: description, VK_ICD_FILENAMES: description };
}
