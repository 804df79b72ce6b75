import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import util from "node:util";
import { expect, it } from "vitest";
import { loadTfjsNode } from "./load.ts";

/** Fails to load unless `util` has what tfjs-node calls of it. */
const standIn = `
const util = require("util");
exports.version = { "tfjs-node": util.isNullOrUndefined(null) && !util.isNullOrUndefined(0) && util.isArray([]) ? "4.22.0" : "wrong" };
`;

it("loads a tfjs-node from a folder, with what Node 23 took out of util", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tfjs-node-"));
  await writeFile(join(folder, "index.js"), standIn);
  // A package says itself that it is CommonJS; without it a folder above would be asked.
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "@tensorflow/tfjs-node", main: "index.js" }));
  Object.assign(util, { isNullOrUndefined: undefined, isArray: undefined });
  expect(await loadTfjsNode(folder)).toEqual({ "@tensorflow/tfjs-node": "4.22.0" });
});
