// @ts-check
// The stages of .ci/run, one after the other, up to the first that fails. Plain Node: nothing is installed yet when it starts.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../setup/process.mjs";
import { rootPath, setUpPnpm } from "../setup/workspace.mjs";
import { countTests } from "./counts.mjs";
import { summary } from "./summary.mjs";

const folder = await mkdtemp(join(tmpdir(), "lethe-ci-"));
const report = join(folder, "tests.json");

/** @type {[name: string, command: string, ...args: string[]][]} */
const stages = [
  // README's own command, first: it is what sets the machine up.
  ["tests", "npm", "test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  ["structure", "pnpm", "run", "structure"],
  ["lint", "pnpm", "run", "lint"],
  ["format", "pnpm", "run", "format:check"],
  ["types", "pnpm", "run", "types"],
  ["build", "pnpm", "run", "build"],
  ["knip", "pnpm", "run", "knip"],
  ["packages", "pnpm", "run", "packages"],
  ["built", "pnpm", "run", "built"],
];

const ready = await setUpPnpm();
if (ready.code !== 0) console.error(ready.output);

/** @type {import("./summary.mjs").StageResult[]} */
const results = [];
for (const [name, command, ...args] of ready.code === 0 ? stages : []) {
  console.log(`\n--- ${name}`);
  const start = performance.now();
  const { code } = await run(command, args, { cwd: rootPath, input: "ignore" });
  results.push({ name, milliseconds: performance.now() - start, passed: code === 0 });
  if (code !== 0) break;
}

const testsPassed = results.some(({ name, passed }) => name === "tests" && passed);
const tests = countTests(await readFile(report, "utf8").catch(() => undefined), testsPassed);
await rm(folder, { recursive: true, force: true });
const names = stages.map(([name]) => name);
console.log(`\n${summary(results, names, tests)}`);
process.exitCode = results.length === stages.length && results.every(({ passed }) => passed) ? 0 : 1;
