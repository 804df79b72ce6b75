// @ts-check
// Packs the check of a GPU into a folder that can be carried to a machine without network: `node tooling/gpu-check/main.mjs FOLDER [--webgpu FOLDER]`, and there
// `node check.mjs`. The package webgpu, with binaries for every platform, is taken from where tooling/webgpu puts it, or from the folder given.
import { cp, mkdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { register } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stage } from "../setup/stage.mjs";
import { packageFolder, webgpuCache } from "../webgpu/places.mjs";

const { values, positionals } = parseArgs({ options: { webgpu: { type: "string" } }, allowPositionals: true });
const webgpu = resolve(values.webgpu ?? packageFolder(webgpuCache));
if (positionals.length !== 1 || !existsSync(webgpu)) {
  console.error(
    positionals.length !== 1
      ? "Say which folder: node tooling/gpu-check/main.mjs FOLDER"
      : `${webgpu} is not there; run node tooling/webgpu/main.mjs first, or name the package's folder with --webgpu.`,
  );
  process.exit(2);
}
const folder = resolve(positionals[0]);
await mkdir(folder, { recursive: true });

// The bundler's settings are TypeScript.
register("../../apps/cli/src/fixtures/typescript-hooks.mjs", import.meta.url);
const { bundle } = await import("../parity/bundle.ts");
const ended = { code: 0, signal: null, stdout: "", output: "" };
const { code } = await stage("gpu-check", async () => {
  try {
    await bundle("node", folder);
    await cp(fileURLToPath(new URL("check.mjs", import.meta.url)), join(folder, "check.mjs"));
    await cp(webgpu, join(folder, "webgpu"), { recursive: true, dereference: true });
    // What it imports itself lies beside it in the cache.
    for (const name of ["debug", "ms"]) {
      const beside = join(webgpu, "..", name);
      if (existsSync(beside)) await cp(beside, join(folder, "webgpu/node_modules", name), { recursive: true, dereference: true });
    }
    return ended;
  } catch (error) {
    return { ...ended, code: 1, output: String(error) };
  }
});
if (code !== 0) process.exit(code);
console.log(`Carry ${folder} to the machine and run there: node check.mjs`);
