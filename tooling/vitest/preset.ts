import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config";

/**
 * What every vitest run of this workspace shares.
 *
 * Tests read `src` through the `lethe-source` export condition, so that no build is needed before them and a stale `dist` is never tested.
 *
 * @param include globs of test files, or of files to leave out where they begin with `!`
 * @param timeout of one test or hook, in milliseconds
 */
export function preset(include: readonly string[], timeout: number): ViteUserConfig {
  const conditions = ["lethe-source", "module", "node", "development|production"];
  return {
    ssr: { resolve: { conditions } },
    test: {
      include: include.filter((glob) => !glob.startsWith("!")),
      exclude: ["**/node_modules/**", "**/dist/**", ...include.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1))],
      globalSetup: [fileURLToPath(new URL("./temporary-folder.ts", import.meta.url))],
      setupFiles: [fileURLToPath(new URL("./setup.ts", import.meta.url))],
      testTimeout: timeout,
      hookTimeout: timeout,
      // One process a file: tfjs keeps one engine and one backend per process.
      pool: "forks",
      maxWorkers: 2,
      onConsoleLog: (log) => !log.includes("looks like you are running TensorFlow.js in Node.js"),
    },
  };
}
