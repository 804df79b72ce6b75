// The suite in a process of its own: some drivers are found only by variables that are set before a process starts. `node node.mjs BACKEND FILE` writes what the
// backend answers; `node node.mjs --table BACKEND=FILE...` prints the deviations of such answers, of which the first is cpu's.
import { readFile, writeFile } from "node:fs/promises";
import type { BackendName } from "@lethe/backends";
import { compareMeasurements, parityCases, renderParity, type ParityReport } from "@lethe/conformance/parity";
import { parityMethods } from "./methods.ts";
import { answer, type Answer } from "./program.ts";

async function printTable(answers: readonly string[]): Promise<void> {
  const cases = parityCases(parityMethods);
  const read = await Promise.all(
    answers.map(async (each) => {
      const [backend, file] = each.split("=");
      return { backend, found: JSON.parse(await readFile(file, "utf8")) as Answer };
    }),
  );
  const [reference] = read;
  const cpu = "measured" in reference.found ? reference.found.measured : [];
  const reports = read.map(({ backend: name, found }): ParityReport => {
    if ("skipped" in found) return { name, comparisons: [], skipped: found.skipped };
    return { name, comparisons: compareMeasurements(cases, name, found.measured, cpu) };
  });
  for (const { backend, found } of read) {
    if ("skipped" in found) continue;
    const { reason, adapter } = found.considered.at(-1) ?? {};
    console.log(`${backend}: ${reason} ${JSON.stringify({ ...found.versions, ...(adapter ? { limits: adapter.limits } : {}) })}`);
  }
  console.log(`\n${renderParity(reports)}`);
  process.exitCode = reports.some(({ comparisons }) => comparisons.some(({ complaint, limit }) => complaint !== undefined && limit === undefined))
    ? 1
    : 0;
}

const [first, ...others] = process.argv.slice(2);
if (first === "--table") await printTable(others);
else await writeFile(others[0], JSON.stringify(await answer(first as BackendName)));
// A GPU's device would keep the process alive.
process.exit();
