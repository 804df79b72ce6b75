import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LetheError } from "@lethe/core";
import { runProgram } from "./child.ts";

/** How packages are fetched; a test passes its own. */
export interface Fetcher {
  /** Puts the tarball of an npm package into the folder. @returns its path. */
  npm(spec: string, folder: string, signal: AbortSignal): Promise<string>;
  /** Puts the files of a Debian package into the folder, at any depth. */
  debian(name: string, folder: string, signal: AbortSignal): Promise<void>;
}

interface Surroundings {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where npm looks for a configuration of the project. */
  readonly cwd: string;
}

/**
 * Fetches by the programs of the user's machine, npm and apt-get, and so with the user's own configuration: registry, proxy, certificates.
 *
 * Errors: `fetch/tool-missing`, `fetch/offline`, `fetch/not-found`, `fetch/refused`, `fetch/failed`, `file/disk-full`.
 */
export function programFetcher({ variables, cwd }: Surroundings): Fetcher {
  return {
    async npm(spec, folder, signal) {
      const words = ["pack", spec, "--pack-destination", folder, "--ignore-scripts", "--loglevel", "error"];
      const ended = await runProgram({ command: "npm", arguments: words, cwd, variables, signal });
      if (ended === undefined) throw toolMissing("npm", `${spec} cannot be fetched, for npm is not on the PATH`);
      if (ended.code !== 0) throw fetchError(`npm could not fetch ${spec}`, ended.stderr);
      const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
      if (tarball === undefined) throw fetchError(`npm fetched no package for ${spec}`, ended.stderr);
      return join(folder, tarball);
    },
    async debian(name, folder, signal) {
      const fetched = await runProgram({
        command: "apt-get",
        arguments: ["download", name],
        cwd: folder,
        variables: { ...variables, LC_ALL: "C" },
        signal,
      });
      if (fetched === undefined) throw toolMissing("apt-get", `${name} is a package of Debian, and apt-get is not on the PATH`);
      if (fetched.code !== 0) throw fetchError(`apt-get could not fetch ${name}`, fetched.stderr);
      const archive = (await readdir(folder)).find((file) => file.endsWith(".deb"));
      if (archive === undefined) throw fetchError(`apt-get fetched no package ${name}`, fetched.stderr);
      const content = join(folder, "content");
      await rm(content, { recursive: true, force: true });
      await mkdir(content);
      const unpacked = await runProgram({ command: "dpkg-deb", arguments: ["-x", join(folder, archive), content], cwd: folder, variables, signal });
      if (unpacked === undefined) throw toolMissing("dpkg-deb", `${archive} cannot be unpacked, for dpkg-deb is not on the PATH`);
      if (unpacked.code !== 0) throw fetchError(`dpkg-deb could not unpack ${archive}`, unpacked.stderr);
    },
  };
}

function toolMissing(tool: string, what: string): LetheError {
  return new LetheError("fetch/tool-missing", `${what}; install it, or bring the files with --from FOLDER.`, { tool });
}

const causes: readonly (readonly [pattern: RegExp, code: string, advice: string])[] = [
  [/ENOSPC|No space left/i, "file/disk-full", "there is no room left on the disk; free some space and run it again"],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|Temporary failure resolving|Could not connect|Failed to fetch/,
    "fetch/offline",
    "the network or the registry cannot be reached; check the connection and its settings, or bring the files with --from FOLDER",
  ],
  [
    /E404|ETARGET|Unable to locate package/,
    "fetch/not-found",
    "it is not there; for apt-get, run apt-get update first, or bring the files with --from FOLDER",
  ],
  [/E401|E403|ENEEDAUTH/, "fetch/refused", "the registry asks for other rights; log in there, or bring the files with --from FOLDER"],
];

/** Says why a program failed, as far as its words tell. */
export function fetchError(what: string, output: string): LetheError {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const [, code, advice] = causes.find(([pattern]) => pattern.test(output)) ?? [undefined, "fetch/failed", "its last words are below"];
  const hint = code === "fetch/failed" ? lines.slice(-5) : [];
  return new LetheError(code, `${what}: ${advice}.`, { output: lines.slice(-20), hint });
}
