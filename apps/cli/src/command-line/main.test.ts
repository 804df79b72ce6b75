import { describe, expect, it } from "vitest";
import { lethe } from "../fixtures/run.ts";
import { commandEntries } from "./commands.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { describeFailure } from "./failure.ts";

describe("main", () => {
  it("explains itself, exit codes included", async () => {
    for (const words of [[], ["--help"], ["-h"]]) {
      const { exitCode, stdout, stderr } = await lethe(words);
      expect([exitCode, stderr]).toEqual([0, ""]);
      for (const { name } of commandEntries) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
      expect(stdout).toMatch(/^ {2}130 +interrupted/m);
    }
  });

  it.each(commandEntries.map(({ name }) => name))("explains %s", async (name) => {
    const { exitCode, stdout } = await lethe([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage  lethe ${name}`);
    expect(stdout).toContain("--json");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("knows its version", async () => {
    expect((await lethe(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(JSON.parse((await lethe(["--version", "--json"])).stdout)).toMatchObject({ ok: true });
  });

  it("tells an error in one line on stderr, and nothing on stdout", async () => {
    const { exitCode, stdout, stderr } = await lethe(["trian"]);
    expect([exitCode, stdout, stderr]).toEqual([2, "", "lethe: There is no command trian; did you mean train? (cli/unknown-command)\n"]);
  });

  it("tells an error as JSON on stdout, and nothing on stderr", async () => {
    const { exitCode, stdout, stderr } = await lethe(["train", "--json", "--epochs", "many", "--out", "x"]);
    expect([exitCode, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      command: "train",
      error: {
        code: "cli/bad-value",
        message: '--epochs takes a whole number, 0 or more, not "many".',
        details: { option: "epochs", given: "many" },
        exitCode: 2,
      },
    });
  });

  it("shows the stack with --debug only", async () => {
    const words = ["methods", "no-such-method"];
    expect((await lethe(words)).stderr).not.toContain("    at ");
    expect((await lethe([...words, "--debug"])).stderr).toContain("    at ");
    expect((JSON.parse((await lethe([...words, "--debug", "--json"])).stdout) as { error: { stack: string } }).error.stack).toContain("    at ");
  });

  it("refuses an option where the command should be", async () => {
    expect(await lethe(["--jsn"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("colours only where asked", async () => {
    const words = ["--help"];
    expect((await lethe(words)).stdout).not.toContain("\x1b[");
    expect((await lethe(words, { variables: { FORCE_COLOR: "1" } })).stdout).toContain("\x1b[1m");
    expect((await lethe(words, { variables: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain("\x1b[");
  });
});

describe("exit codes", () => {
  it.each([
    ["cli/unknown-option", exitCodes.usage],
    ["options/invalid", exitCodes.usage],
    ["recipe/invalid", exitCodes.usage],
    ["recipe/bad-file", exitCodes.usage],
    ["curvature/too-large", exitCodes.input],
    ["correction/unknown-id", exitCodes.input],
    ["autodiff/unsupported-kernel", exitCodes.input],
    ["pass/non-finite", exitCodes.unusable],
    ["linalg/no-convergence", exitCodes.unusable],
    ["linalg/out-of-memory", exitCodes.environment],
    ["experiment/invalid", exitCodes.input],
    ["experiment/search-failed", exitCodes.unusable],
    ["replay/bad-lock", exitCodes.input],
    ["results/not-found", exitCodes.input],
    ["forget/unknown-id", exitCodes.input],
    ["file/not-found", exitCodes.input],
    ["file/disk-full", exitCodes.environment],
    ["file/not-writable", exitCodes.environment],
    ["method/layer-kind", exitCodes.input],
    ["method/not-installed", exitCodes.environment],
    ["backend/unavailable", exitCodes.environment],
    ["train/non-finite", exitCodes.unusable],
    ["train/other-run", exitCodes.input],
    ["run/aborted", exitCodes.interrupted],
    ["run/not-found", exitCodes.input],
    ["something/else", exitCodes.internal],
  ])("%s ends with %d", (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });

  it("calls an error without a code internal, and keeps its first line", () => {
    const failure = describeFailure(new TypeError("x is not a function\nand more"));
    expect(failure).toMatchObject({ code: "cli/internal", exitCode: 1, message: expect.stringContaining("(x is not a function)") as unknown });
    expect(failure.stack).toContain("and more");
    // Node's own errors have a code too, but no slash and no details.
    expect(describeFailure(Object.assign(new Error("no"), { code: "ENOENT" })).code).toBe("cli/internal");
  });
});
