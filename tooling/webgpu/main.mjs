// @ts-check
// Brings WebGPU to Node for tests, without a GPU: `node tooling/webgpu/main.mjs [--into FOLDER]`. Installs the package webgpu with npm, and takes the driver of
// SwiftShader from Chromium: from an installed one, or else from Debian's package, which is unpacked and not installed. No ordinary install comes here.
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../setup/process.mjs";
import { stage } from "../setup/stage.mjs";
import { findDriver, packageFolder, webgpuCache, webgpuEnvironment, webgpuVersion } from "./places.mjs";

const { values } = parseArgs({ options: { into: { type: "string" } } });
const cache = resolve(values.into ?? webgpuCache);
await mkdir(cache, { recursive: true });

// Its install script only takes a mark of quarantine off the binary on macOS.
const install = [
  "install",
  "--prefix",
  cache,
  "--ignore-scripts",
  "--no-save",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  `webgpu@${webgpuVersion}`,
];
const installed = await stage(`webgpu ${webgpuVersion}`, () => run("npm", install, { cwd: cache, output: "capture" }));
if (installed.code !== 0) process.exit(installed.code);

if (findDriver(cache) === undefined) {
  const fetched = await stage("driver", async () => {
    const download = await run("apt-get", ["download", "chromium"], { cwd: cache, output: "capture" });
    if (download.code !== 0) return download;
    const file = (await readdir(cache)).find((name) => name.startsWith("chromium_") && name.endsWith(".deb")) ?? "";
    return run("dpkg-deb", ["-x", join(cache, file), join(cache, "driver")], { cwd: cache, output: "capture" });
  });
  if (fetched.code !== 0) console.error("There is no driver in software: install Debian's package chromium, or a GPU's own driver.");
}
console.error("WebGPU in Node is found by the tests from now on. Elsewhere it is taken where these variables are set:");
const environment = cache === webgpuCache ? (webgpuEnvironment({}) ?? {}) : { LETHE_WEBGPU: packageFolder(cache) };
for (const [name, value] of Object.entries(environment)) console.log(`export ${name}="${value}"`);
