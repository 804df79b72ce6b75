import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ParityReport } from "@lethe/conformance/parity";

/** Where `table.mjs` finds what the suites of the last run found. */
const folder = fileURLToPath(new URL("./node_modules/.cache/parity", import.meta.url));

/** Keeps one backend's deviations for the table of all. An infinite deviation is null in JSON. */
export async function keepReport(report: ParityReport): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${report.name.replaceAll(/\W+/g, "-")}.json`), JSON.stringify(report));
}
