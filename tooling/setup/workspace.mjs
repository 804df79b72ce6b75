// @ts-check
import { fileURLToPath } from "node:url";
import { pinnedPnpm, putPnpmOnPath } from "./pnpm.mjs";
import { run } from "./process.mjs";

const root = new URL("../../", import.meta.url);
export const rootPath = fileURLToPath(root);
export const programs = {
  lethe: fileURLToPath(new URL("apps/cli/dist/main.js", root)),
  turbo: fileURLToPath(new URL("node_modules/turbo/bin/turbo", root)),
  vitest: fileURLToPath(new URL("node_modules/vitest/vitest.mjs", root)),
};

// What a user types here for `lethe`: the commands that it suggests begin with it.
process.env["LETHE_COMMAND"] = "npm run lethe --";
// turbo would otherwise announce and send usage figures.
process.env["TURBO_TELEMETRY_DISABLED"] = "1";
process.env["DO_NOT_TRACK"] = "1";

/** Makes `pnpm` of the pinned version available to what this process runs. @returns {Promise<import("./process.mjs").Ending>} */
export async function setUpPnpm() {
  const problem = await putPnpmOnPath(await pinnedPnpm(root));
  return { code: problem ? 1 : 0, signal: null, stdout: "", output: problem ?? "" };
}

/** Installs what the lock file says, development tools included, whatever NODE_ENV is. */
export function installDependencies() {
  return run("pnpm", ["install", "--frozen-lockfile", "--prod=false"], { cwd: rootPath, output: "capture", input: "ignore" });
}

/** Builds the command line and what it needs, as far as it changed since it was last built; quietly. */
export function buildCli() {
  const args = [programs.turbo, "run", "build", "--filter=lethe...", "--output-logs=errors-only"];
  return run(process.execPath, args, { cwd: rootPath, output: "capture", input: "ignore" });
}
