// @ts-check
// Proves WebGPU, and tfjs-node-gpu where LETHE_TFJS_NODE names its folder, against cpu and float64 on this machine: `node check.mjs`. Needs Node 20.19 or newer, a
// GPU and its driver; no network, nothing else installed. Ends with 1 where a number is wrong.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const program = join(folder, "node.mjs");
const webgpu = join(folder, "webgpu");
const environment = { ...process.env, ...(process.env["LETHE_WEBGPU"] || !existsSync(webgpu) ? {} : { LETHE_WEBGPU: webgpu }) };

/** @param {readonly string[]} args @returns {Promise<number>} */
function run(args) {
  const child = spawn(process.execPath, [program, ...args], { env: environment, stdio: "inherit" });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

const backends = ["cpu", "webgpu", "tensorflow"];
const answers = mkdtempSync(join(tmpdir(), "gpu-check-"));
try {
  const files = backends.map((backend) => `${backend}=${join(answers, `${backend}.json`)}`);
  /** @type {string[]} */
  const failed = [];
  for (const [position, backend] of backends.entries()) {
    const started = performance.now();
    const code = await run([backend, files[position].slice(backend.length + 1)]);
    if (code !== 0) failed.push(backend);
    console.error(`${backend}: ${code === 0 ? "done" : `ended with ${code}`} after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  const table = await run(["--table", ...files.filter((_, position) => !failed.includes(backends[position]))]);
  process.exitCode = failed.length > 0 ? 1 : table;
} finally {
  rmSync(answers, { recursive: true, force: true });
}
