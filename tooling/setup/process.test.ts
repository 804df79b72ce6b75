import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { run } from "./process.mjs";

const node = (program: string): ReturnType<typeof run> => run(process.execPath, ["-e", program], { output: "capture", input: "ignore" });

/** Runs a child through `run` in a process of its own, as bootstrap.mjs does, and gives how that process ended. */
function endingOf(child: string, then?: (pid: number) => void): Promise<{ code: number | null; signal: string | null }> {
  const module = fileURLToPath(new URL("process.mjs", import.meta.url));
  const program = `import { run, endLike } from ${JSON.stringify(module)}; endLike(await run(process.execPath, ["-e", ${JSON.stringify(child)}]));`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  parent.stdout.once("data", () => then?.(parent.pid as number));
  return new Promise((resolve) => parent.on("close", (code, signal) => resolve({ code, signal })));
}

describe("run", () => {
  it("gives the exit code and both streams", async () => {
    const ending = await node(`console.log("out"); console.error("err"); process.exitCode = 3;`);
    expect(ending).toMatchObject({ code: 3, signal: null, stdout: "out\n" });
    expect(ending.output.split("\n").toSorted()).toEqual(["", "err", "out"]);
  });

  it("gives 128 + the signal's number for a process that a signal ended", async () => {
    expect(await node(`process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 10_000);`)).toMatchObject({ code: 137, signal: "SIGKILL" });
  });

  it("gives 127 and the reason for a command that does not exist", async () => {
    const ending = await run("no-such-command-of-lethe", [], { output: "capture" });
    expect(ending.code).toBe(127);
    expect(ending.output).toContain("no-such-command-of-lethe");
  });

  it("leaves no signal handlers behind", async () => {
    const before = process.listenerCount("SIGTERM");
    await node("");
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

describe("endLike", () => {
  it("ends with the child's code", async () => {
    expect(await endingOf(`process.exit(5)`)).toEqual({ code: 5, signal: null });
  });

  it("hands a signal on to the child and takes over the code it answers with", async () => {
    const child = `process.on("SIGTERM", () => process.exit(7)); setTimeout(() => {}, 10_000); console.log("ready");`;
    expect(await endingOf(child, (pid) => process.kill(pid, "SIGTERM"))).toEqual({ code: 7, signal: null });
  });

  it("ends by the signal that ended the child", async () => {
    const child = `setTimeout(() => {}, 10_000); console.log("ready");`;
    expect(await endingOf(child, (pid) => process.kill(pid, "SIGTERM"))).toEqual({ code: null, signal: "SIGTERM" });
  });
});
