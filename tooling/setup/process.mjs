// @ts-check
import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * @typedef {object} Ending
 * @property {number} code exit status; 128 + the signal's number when a signal ended the process, 127 when it could not be started
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout what it printed there, where `output` was "capture"
 * @property {string} output both its streams, in order of arrival
 */

const windows = process.platform === "win32";
const forwarded = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Runs a command to its end, handing on the signals that reach this process.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, output?: "inherit" | "capture", input?: "inherit" | "ignore" }} [options]
 * @returns {Promise<Ending>}
 */
export function run(command, args, { cwd, output = "inherit", input = "inherit" } = {}) {
  return new Promise((resolve) => {
    const out = output === "capture" ? "pipe" : "inherit";
    // Windows starts npm and pnpm through .cmd files, which only its shell can run.
    const child = spawn(command, args, {
      cwd,
      stdio: [input, out, out],
      shell: windows && command !== process.execPath,
    });
    /** @type {Buffer[]} */
    const stdout = [];
    /** @type {Buffer[]} */
    const both = [];
    child.stdout?.on("data", (chunk) => void (stdout.push(chunk), both.push(chunk)));
    child.stderr?.on("data", (chunk) => void both.push(chunk));
    // A terminal interrupts every process in its foreground, the child too: forwarding would interrupt it twice.
    const forward = (/** @type {NodeJS.Signals} */ signal) => void (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal));
    for (const signal of forwarded) process.on(signal, forward);
    /** @param {number} code @param {NodeJS.Signals | null} signal @param {string} [reason] */
    const end = (code, signal, reason = "") => {
      for (const name of forwarded) process.off(name, forward);
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), output: Buffer.concat(both).toString() + reason });
    };
    child.on("error", (error) => end(127, null, `${command}: ${error.message}\n`));
    child.on("close", (code, signal) => end(signal ? 128 + constants.signals[signal] : (code ?? 1), signal));
  });
}

/**
 * Ends this process as a child ended: by its signal, so that a shell sees the interruption, or with its code.
 *
 * @param {Pick<Ending, "code" | "signal">} ending
 */
export function endLike({ code, signal }) {
  process.exitCode = code;
  if (signal && !windows) process.kill(process.pid, signal);
}
