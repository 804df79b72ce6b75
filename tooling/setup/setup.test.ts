import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeProblem } from "./node-version.mjs";
import { pinnedPnpm, putPnpmOnPath } from "./pnpm.mjs";
import { stage } from "./stage.mjs";

let folder: string;
const path = process.env["PATH"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-setup-"));
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

describe("nodeProblem", () => {
  it.each(["20.19.0", "20.20.2", "v22.0.0", "24.1.0"])("accepts %s", (version) => expect(nodeProblem(version)).toBeUndefined());

  it.each(["18.20.8", "20.18.3", "v20.0.0"])("refuses %s in one sentence", (version) => {
    expect(nodeProblem(version)).toMatch(/^Lethe needs Node 20\.19 or newer, and this is Node [\d.]+: .*again\.$/);
  });

  it("asks for what package.json asks for", async () => {
    const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
    expect(manifest.engines.node).toBe(">=20.19");
    expect(nodeProblem("20.18.9")).toContain("20.19");
  });
});

describe("pinnedPnpm", () => {
  const pinned = (packageManager: string): Promise<string> => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ packageManager }));
    return pinnedPnpm(pathToFileURL(`${folder}/`));
  };

  it("reads the version, with or without a hash", async () => {
    expect(await pinned("pnpm@12.21.0")).toBe("12.21.0");
    expect(await pinned("pnpm@12.21.0+sha512.abc")).toBe("12.21.0");
  });

  it("refuses a range", async () => {
    await expect(pinned("pnpm@^12")).rejects.toThrow(/packageManager/);
  });
});

describe("putPnpmOnPath", () => {
  const program = (name: string, script: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  beforeEach(() => {
    process.env["PATH"] = `${folder}:/usr/bin:/bin`;
  });

  it("takes the user's own pnpm where it is the pinned one", async () => {
    program("pnpm", "echo 12.21.0");
    program("npm", "exit 9");
    expect(await putPnpmOnPath("12.21.0")).toBeUndefined();
    expect(process.env["PATH"]).toBe(`${folder}:/usr/bin:/bin`);
  });

  it("asks npm for the pinned one where the user's is another", async () => {
    program("pnpm", "echo 9.0.0");
    program("npm", `echo "$@" > ${folder}/asked; echo /fetched/bin:$PATH`);
    expect(await putPnpmOnPath("12.21.0")).toBeUndefined();
    expect(process.env["PATH"]).toBe(`/fetched/bin:${folder}:/usr/bin:/bin`);
    expect(readFileSync(join(folder, "asked"), "utf8")).toMatch(/^exec --yes .*--package=pnpm@12\.21\.0 -- node/);
  });

  it("says what npm said when it cannot fetch it", async () => {
    program("npm", "echo network is down >&2; exit 1");
    expect(await putPnpmOnPath("12.21.0")).toBe("npm could not fetch pnpm 12.21.0:\nnetwork is down");
  });
});

describe("stage", () => {
  const shown = async (code: number): Promise<string> => {
    let text = "";
    await stage("build", async () => ({ code, signal: null, stdout: "", output: "what it printed\n" }), { write: (more) => (text += more) });
    return text;
  };

  it("is one line with its time", async () => expect(await shown(0)).toMatch(/^build \.\.\. \d+\.\d s\n$/));
  it("shows what was printed when it fails", async () =>
    expect(await shown(2)).toMatch(/^build \.\.\. failed after \d+\.\d s\n\nwhat it printed\n$/));
});

describe("bootstrap.mjs", () => {
  it("refuses a command it does not know", () => {
    const bootstrap = fileURLToPath(new URL("../bootstrap.mjs", import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [bootstrap, "fly"], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toBe(`bootstrap.mjs knows start and test, not "fly".\n`);
  });
});
