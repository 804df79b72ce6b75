// @ts-check
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { run } from "./process.mjs";

/** @param {URL} root the workspace's folder @returns {Promise<string>} the version that "packageManager" pins, such as "12.21.0" */
export async function pinnedPnpm(root) {
  const { packageManager } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
  const version = /^pnpm@(\d+\.\d+\.\d+)/.exec(packageManager)?.[1];
  if (!version) throw new Error(`package.json: "packageManager" must read pnpm@x.y.z, and reads ${packageManager}`);
  return version;
}

/**
 * Puts pnpm of the given version on this process's PATH: the user's own where that is the one, or else one that npm fetches into its cache.
 * Nothing is installed globally.
 *
 * @param {string} version
 * @returns {Promise<string | undefined>} what went wrong
 */
export async function putPnpmOnPath(version) {
  // Asked outside the workspace, where pnpm does not look at "packageManager" and answers for itself.
  const own = await run("pnpm", ["--version"], { cwd: tmpdir(), output: "capture", input: "ignore" });
  if (own.code === 0 && own.stdout.trim() === version) return undefined;

  // pnpm's program is an optional dependency of its package: an npm told to omit those would fetch an empty shell.
  const options = ["--yes", "--include=optional", "--loglevel=error", `--package=pnpm@${version}`];
  const fetched = await run("npm", ["exec", ...options, "--", "node", "-p", "process.env.PATH"], {
    cwd: tmpdir(),
    output: "capture",
    input: "ignore",
  });
  if (fetched.code !== 0) return `npm could not fetch pnpm ${version}:\n${fetched.output.trim()}`;
  process.env["PATH"] = fetched.stdout.trim();
  return undefined;
}
