import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { arrows, declared, relativeImports } from "./structure/arrows.mjs";
import { fileLengths } from "./structure/files.mjs";
import { manifest, soundBut, write } from "./structure/fixture.ts";
import { noTarballAddresses, oneEngine } from "./structure/lock-file.mjs";
import { manifests } from "./structure/manifests.mjs";
import { browserSafeCore, rooms } from "./structure/rooms.mjs";
import { readWorkspace } from "./structure/workspace.mjs";

const rules = { arrows, declared, relativeImports, rooms, browserSafeCore, manifests, fileLengths, noTarballAddresses, oneEngine };

type Case = [breach: string, rule: keyof typeof rules, changes: Parameters<typeof soundBut>[0], says: RegExp];

const ssd = "packages/methods/ssd";
const dependsOn = (...names: string[]): object => ({ dependencies: Object.fromEntries(names.map((name) => [name, "workspace:*"])) });

const breaches: Case[] = [
  ["core imports a package", "arrows", { "packages/core/src/tree/x.ts": `import "@lethe/metrics";` }, /the core may not import a library/],
  ["a test of core does", "arrows", { "packages/core/src/tree/x.test.ts": `import "@lethe/metrics";` }, /test of the core may not import a library/],
  ["a method imports another", "arrows", { [`${ssd}/src/x.ts`]: `import "@lethe/retrain";` }, /a method may not import a method/],
  ["a test of a method does", "arrows", { [`${ssd}/src/x.test.ts`]: `import "@lethe/retrain";` }, /test of a method may not import a method/],
  ["a method imports a library", "arrows", { [`${ssd}/src/x.ts`]: `import "@lethe/metrics";` }, /a method may not import a library/],
  ["a method ships conformance", "arrows", { [`${ssd}/src/x.ts`]: `import "@lethe/conformance";` }, /may not import the conformance suite/],
  ["a method imports an app", "arrows", { [`${ssd}/src/x.ts`]: `import "lethe/run";` }, /a method may not import an app/],
  ["a library imports a method", "arrows", { "packages/metrics/src/x.ts": `export * from "@lethe/ssd";` }, /a library may not import a method/],
  ["a library imports one lazily", "arrows", { "packages/metrics/src/x.ts": `await import("@lethe/ssd");` }, /a library may not import a method/],
  ["a library imports a type of one", "arrows", { "packages/metrics/src/x.ts": `import type { S } from "@lethe/ssd";` }, /may not import a method/],
  ["a dependency is not declared", "declared", { "packages/metrics/src/x.ts": `import "pure-rand";` }, /pure-rand is neither/],
  ["a shipped file needs a development tool", "declared", { "packages/core/src/tree/x.ts": `import "vitest";` }, /vitest is neither/],
  ["an import leaves its package", "relativeImports", { [`${ssd}/src/x.ts`]: `import "../../../core/src/index.ts";` }, /outside its package/],
  ["an import reads dist", "relativeImports", { [`${ssd}/src/x.test.ts`]: `import "../dist/index.js";` }, /dist may be stale/],
  ["a shipped file imports a fixture", "relativeImports", { "packages/core/src/tree/x.ts": `import "./fixtures/trees.ts";` }, /not shipped/],
  ["a shipped file imports a test", "relativeImports", { "packages/core/src/tree/x.ts": `import "./tree.test.ts";` }, /not shipped/],
  ["a lower room imports a higher", "rooms", { "packages/core/src/errors/x.ts": `import "../tree/index.ts";` }, /"errors" stands below "tree"/],
  ["a room imports core's index", "rooms", { "packages/core/src/tree/x.ts": `import "../index.ts";` }, /"tree" stands below "index.ts"/],
  ["a room has no floor", "rooms", { "packages/core/src/attic/x.ts": "" }, /no room "attic"/],
  ["core needs Node", "browserSafeCore", { "packages/core/src/tree/x.ts": `import { join } from "node:path";` }, /only files\//],
  ["core needs Node without its prefix", "browserSafeCore", { "packages/core/src/tree/x.ts": `import "fs";` }, /only files\//],
  ["there is no README", "manifests", { [`${ssd}/README.md`]: undefined }, /no README\.md/],
  ["tfjs is no peer", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { peerDependencies: {} }) }, /must be a peer dependency/],
  ["tfjs is a dependency", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", dependsOn("@tensorflow/tfjs")) }, /second engine/],
  ["the licence differs", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { license: "MIT" }) }, /"license"/],
  ["side effects are not ruled out", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { sideEffects: undefined }) }, /"sideEffects"/],
  ["everything is published", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { files: undefined }) }, /"files"/],
  ["there is no description", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { description: "" }) }, /"description"/],
  ["it is CommonJS", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { type: undefined }) }, /"type"/],
  ["there is no exports map", "manifests", { [`${ssd}/package.json`]: manifest("@lethe/ssd", { exports: undefined }) }, /at least one entry/],
  [
    "the source condition is missing",
    "manifests",
    { [`${ssd}/package.json`]: manifest("@lethe/ssd", { exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } } }) },
    /conditions lethe-source, types, default/,
  ],
  [
    "the source condition comes last",
    "manifests",
    {
      [`${ssd}/package.json`]: manifest("@lethe/ssd", {
        exports: { ".": { types: "./a.d.ts", default: "./a.js", "lethe-source": "./src/index.ts" } },
      }),
    },
    /in this order/,
  ],
  ["an entry does not exist", "manifests", { [`${ssd}/src/index.ts`]: undefined }, /which does not exist/],
  ["a file is long", "fileLengths", { [`${ssd}/src/x.ts`]: "\n".repeat(401) }, /has 401 lines/],
  [
    "the lock file names a host",
    "noTarballAddresses",
    { "pnpm-lock.yaml": "  resolution: {tarball: https://example.com/a.tgz}" },
    /pnpm-lock\.yaml:1 holds an address/,
  ],
  [
    "there are two engines",
    "oneEngine",
    { "pnpm-lock.yaml": "  '@tensorflow/tfjs-core@4.21.0':\n  '@tensorflow/tfjs-core@4.22.0':\n" },
    /holds 2 versions/,
  ],
];

describe("the structure check", () => {
  it.each(Object.keys(rules) as (keyof typeof rules)[])("finds nothing wrong with a sound workspace (%s)", (rule) => {
    expect(rules[rule](readWorkspace(soundBut({})))).toEqual([]);
  });

  it.each(breaches)("notices that %s", (_breach, rule, changes, says) => {
    const problems = rules[rule](readWorkspace(soundBut(changes)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
  });

  it("has a breach for every rule", () => {
    expect(new Set(breaches.map(([, rule]) => rule))).toEqual(new Set(Object.keys(rules)));
  });

  it("does not take a comment or a string for an import", () => {
    const root = soundBut({ "packages/core/src/tree/x.ts": `// import "@lethe/metrics";\nexport const text = 'import "@lethe/metrics"';` });
    expect(arrows(readWorkspace(root))).toEqual([]);
  });

  it("holds a file of exactly 400 lines to be short enough", () => {
    expect(fileLengths(readWorkspace(soundBut({ [`${ssd}/src/x.ts`]: "//\n".repeat(400) })))).toEqual([]);
  });

  it("asks nothing of what is never published but a README and the one engine", () => {
    const root = soundBut({ "apps/cli/package.json": { name: "lethe", private: true, type: "module" } });
    expect(manifests(readWorkspace(root))).toEqual([]);
  });
});

describe("structure.mjs", () => {
  const check = (root: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [fileURLToPath(new URL("structure.mjs", import.meta.url)), root], { encoding: "utf8" });

  it("ends with 0 on a sound workspace", () => {
    const { status, stdout } = check(soundBut({}));
    expect(stdout).toContain("6 packages, 12 source files, 0 problems");
    expect(status).toBe(0);
  });

  it("ends with 1 and names the file otherwise", () => {
    const { status, stderr } = check(soundBut({ [`${ssd}/src/x.ts`]: `import "@lethe/retrain";` }));
    expect(stderr).toContain(`${ssd}/src/x.ts imports @lethe/retrain`);
    expect(status).toBe(1);
  });

  it("ends with 1 where there is nothing to check", () => {
    expect(check(write({ "pnpm-lock.yaml": "" })).status).toBe(1);
  });
});
