import { spawn } from "node:child_process";
import { aborted } from "@lethe/core";

export interface Program {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As much of the output as an error message can need. */
const keptText = 100_000;

/**
 * Runs a program to its end, without a terminal; undefined where there is no such program.
 *
 * @throws LetheError `run/aborted`; the program is ended then.
 */
export async function runProgram({ command, arguments: words, cwd, variables, signal }: Program): Promise<Ended | undefined> {
  if (signal.aborted) throw aborted(signal);
  return new Promise((resolve, reject) => {
    // On Windows npm is a script, which only a shell can run; none of the words comes from outside.
    const child = spawn(command, [...words], { cwd, env: { ...variables }, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
    const output = { stdout: "", stderr: "" };
    const end = (): void => void child.kill();
    signal.addEventListener("abort", end, { once: true });
    for (const name of ["stdout", "stderr"] as const) child[name].on("data", (text) => (output[name] = `${output[name]}${text}`.slice(-keptText)));
    child.on("error", (error) => {
      signal.removeEventListener("abort", end);
      if ("code" in error && error.code === "ENOENT") resolve(undefined);
      else reject(error);
    });
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(aborted(signal));
      else resolve({ code, ...output });
    });
  });
}
