import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** Path to text, or to an object that is written as JSON. */
export type Tree = Record<string, string | object>;

/** A package.json that breaks no rule. */
export function manifest(name: string, extra: object = {}): object {
  return {
    name,
    description: "A package",
    license: "Apache-2.0",
    type: "module",
    sideEffects: false,
    files: ["dist", "src"],
    exports: {
      ".": { "lethe-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    peerDependencies: { "@tensorflow/tfjs": "^4.22.0" },
    ...extra,
  };
}

const onCore = { dependencies: { "@lethe/core": "workspace:*" } };

/** A workspace that breaks no rule: core, a library, the conformance suite, two methods, an app. */
const sound: Tree = {
  "pnpm-lock.yaml": "packages:\n\n  '@tensorflow/tfjs-core@4.22.0':\n    resolution: {integrity: sha512-abc}\n",
  "packages/core/package.json": manifest("@lethe/core"),
  "packages/core/README.md": "# core",
  "packages/core/src/index.ts": `export * from "./errors/index.ts"; export * from "./tree/index.ts"; export * from "./files/index.ts";`,
  "packages/core/src/errors/index.ts": "export const errors = 1;",
  "packages/core/src/tree/index.ts": `import { errors } from "../errors/index.ts"; export const tree = errors;`,
  "packages/core/src/files/index.ts": `import { readFile } from "node:fs/promises"; import type { tree } from "../tree/index.ts"; export { readFile, type tree };`,
  "packages/core/src/tree/tree.test.ts": `import { mkdtemp } from "node:fs"; import "../files/index.ts"; import "./fixtures/trees.ts"; import "vitest"; mkdtemp;`,
  "packages/core/src/tree/fixtures/trees.ts": "export const trees = [];",
  "packages/metrics/package.json": manifest("@lethe/metrics", onCore),
  "packages/metrics/README.md": "# metrics",
  "packages/metrics/src/index.ts": `import * as tf from "@tensorflow/tfjs"; import { tree } from "@lethe/core"; export { tf, tree };`,
  "packages/conformance/package.json": manifest("@lethe/conformance", onCore),
  "packages/conformance/README.md": "# conformance",
  "packages/conformance/src/index.ts": `export * from "@lethe/core";`,
  "packages/methods/ssd/package.json": manifest("@lethe/ssd", onCore),
  "packages/methods/ssd/README.md": "# ssd",
  "packages/methods/ssd/src/index.ts": `export { tree } from "@lethe/core";`,
  "packages/methods/ssd/src/ssd.test.ts": `import "@lethe/conformance"; import "@lethe/metrics"; import "./index.ts";`,
  "packages/methods/retrain/package.json": manifest("@lethe/retrain", onCore),
  "packages/methods/retrain/README.md": "# retrain",
  "packages/methods/retrain/src/index.ts": `export { tree } from "@lethe/core";`,
  "apps/cli/package.json": manifest("lethe", { dependencies: { "@lethe/ssd": "workspace:*" } }),
  "apps/cli/README.md": "# lethe",
  "apps/cli/src/index.ts": `export const load = () => import("@lethe/ssd");`,
};

/** Writes a tree to a temporary folder that is removed when the test ends. */
export function write(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), "lethe-structure-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return root;
}

/** The sound workspace with some files changed or added, or taken out where they are `undefined`. */
export function soundBut(changes: Record<string, string | object | undefined>): string {
  const tree = Object.entries({ ...sound, ...changes }).filter((entry): entry is [string, string | object] => entry[1] !== undefined);
  return write(Object.fromEntries(tree));
}
