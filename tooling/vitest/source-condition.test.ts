import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/**
 * A workspace of two linked packages, `@lethe/outer` reading `@lethe/inner`. Each has a `src` that says "source" and a `dist` that says "stale".
 */
let workspace: string;

const presetPath = fileURLToPath(new URL("preset.ts", import.meta.url));
const vitestFolder = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));
const readsTheSource = `test("reads the source", async () => {
  const { outer } = await import("@lethe/outer");
  expect(outer).toBe("source of outer, source of inner");
});`;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function link(from: string, to: string): void {
  mkdirSync(dirname(join(workspace, from)), { recursive: true });
  symlinkSync(to, join(workspace, from), "dir");
}

function writePackage(name: string, module: (state: "source" | "stale") => string): void {
  const exports = { ".": { "lethe-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" } };
  write(`packages/${name}/package.json`, JSON.stringify({ name: `@lethe/${name}`, type: "module", exports }));
  write(`packages/${name}/src/index.ts`, module("source"));
  write(`packages/${name}/dist/index.js`, module("stale"));
}

function runVitest(config: string): { status: number | null; output: string } {
  write("vitest.config.ts", config);
  const run = spawnSync(process.execPath, [join(vitestFolder, "vitest.mjs"), "run", "--globals"], {
    cwd: workspace,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "lethe-source-condition-"));
  write("package.json", JSON.stringify({ type: "module" }));
  writePackage("inner", (state) => `export const inner = "${state} of inner";`);
  writePackage("outer", (state) => `import { inner } from "@lethe/inner"; export const outer = "${state} of outer, " + inner;`);
  link("node_modules/vitest", vitestFolder);
  link("node_modules/@lethe/outer", join(workspace, "packages/outer"));
  link("packages/outer/node_modules/@lethe/inner", join(workspace, "packages/inner"));
  write("packages/outer/src/outer.test.ts", readsTheSource);
});

afterEach(() => rmSync(workspace, { recursive: true, force: true }));

describe("the lethe-source condition", () => {
  it("makes tests read the source of every linked package, next to a stale dist", () => {
    const { status, output } = runVitest(`import { preset } from "${presetPath}"; export default preset(["packages/**/*.test.ts"], 10_000);`);
    expect(output).toContain("1 passed");
    expect(status).toBe(0);
  });

  it("is what does it: without the preset the stale dist is read", () => {
    const { status, output } = runVitest(`export default { test: { include: ["packages/**/*.test.ts"] } };`);
    expect(output).toContain("stale of outer, stale of inner");
    expect(status).not.toBe(0);
  });
});
