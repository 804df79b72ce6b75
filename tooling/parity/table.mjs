// @ts-check
// Prints the largest deviations of every backend that the last run of these tests tried: `node tooling/parity/table.mjs`, after `npx vitest run tooling/parity`.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { renderParity } = await import(pathToFileURL(createRequire(import.meta.url).resolve("@lethe/conformance/parity")).href);
const folder = new URL("./node_modules/.cache/parity/", import.meta.url);
const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).toSorted();
const reports = await Promise.all(files.map(async (name) => JSON.parse(await readFile(new URL(name, folder), "utf8"), revived)));
console.log(reports.length > 0 ? renderParity(reports) : "No backend has been tried; run the tests of tooling/parity first.");

/** @param {string} key @param {unknown} value */
function revived(key, value) {
  return key === "deviation" && value === null ? Infinity : value;
}
