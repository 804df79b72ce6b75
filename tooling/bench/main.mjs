// @ts-check
// `pnpm bench [NAME...] [--json]`: measures the named benchmarks, or all of them.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { seconds } from "../setup/stage.mjs";
import { benchmarks } from "./benchmarks.mjs";
import { asObject, asText } from "./report.mjs";
import { describeMachine, describeVersions } from "./surroundings.mjs";

const { values, positionals } = parseArgs({ options: { json: { type: "boolean", default: false } }, allowPositionals: true });
const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(" or ")}. There are:\n${benchmarks.map(({ name }) => `  ${name}`).join("\n")}`);
  process.exit(1);
}

const chosen = positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name));
const runs = [];
for (const benchmark of chosen) {
  process.stderr.write(`${benchmark.name} ... `);
  const start = performance.now();
  const result = await measure(benchmark.name);
  process.stderr.write(`${"error" in result ? "failed after " : ""}${seconds(performance.now() - start)}\n`);
  runs.push({ benchmark, result });
}
const machine = describeMachine();
const versions = await describeVersions();
console.log(values.json ? JSON.stringify(asObject(runs, machine, versions), undefined, 2) : `\n${asText(runs, machine, versions)}`);
process.exitCode = runs.some(({ result }) => "error" in result) ? 1 : 0;

/** What the child sends, or what it printed where it ends without. @param {string} name @returns {Promise<import("./report.mjs").Run["result"]>} */
function measure(name) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL("child.mjs", import.meta.url)), [name], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    let printed = "";
    child.stdout?.on("data", (chunk) => (printed += chunk));
    child.stderr?.on("data", (chunk) => (printed += chunk));
    child.once("message", (measured) => resolve(/** @type {import("./report.mjs").Measured} */ (measured)));
    child.once("close", (code, signal) => resolve({ error: `${printed.trim()}\nended with ${signal ?? `code ${code}`}`.trim() }));
  });
}
