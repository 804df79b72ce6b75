import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { manifest, write } from "./structure/fixture.ts";

function check(files: Record<string, string>): { status: number | null; stdout: string; stderr: string } {
  const exports = {
    ".": { "lethe-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./io": { "lethe-source": "./src/io.ts", types: "./dist/io.d.ts", default: "./dist/io.js" },
  };
  const built = { "packages/core/dist/index.js": "export const core = 1;", "packages/core/dist/io.js": "export const io = 1;" };
  const root = write({ "pnpm-lock.yaml": "", "packages/core/package.json": manifest("@lethe/core", { exports }), ...built, ...files });
  return spawnSync(process.execPath, [fileURLToPath(new URL("built.mjs", import.meta.url)), root], { encoding: "utf8" });
}

describe("built.mjs", () => {
  it("ends with 0 where every entry can be imported", () => {
    const { status, stdout } = check({});
    expect(stdout).toBe("built: 1 packages, 0 that cannot be imported\n");
    expect(status).toBe(0);
  });

  it.each([
    ["throws", { "packages/core/dist/io.js": `throw new Error("at import");` }, "at import"],
    ["imports what is not there", { "packages/core/dist/index.js": `import "no-such-package";` }, "no-such-package"],
    ["is TypeScript still", { "packages/core/dist/index.js": `export const x: number = 1;` }, "SyntaxError"],
  ])("ends with 1 where one %s", (_, files, says) => {
    const { status, stderr } = check(files);
    expect(stderr).toContain(says);
    expect(status).toBe(1);
  });
});
