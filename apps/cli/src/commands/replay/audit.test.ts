import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditResult } from "@lethe/bench";
import { beforeAll, describe, expect, it } from "vitest";
import { writeExperiment } from "../../fixtures/experiment.ts";
import { temporaryFolder } from "../../fixtures/folder.ts";
import { lethe } from "../../fixtures/run.ts";

const experiment = `
name: audited
seeds: 1
problems: { digits: { data: digits, model: mlp, recipe: { epochs: 1, batchSize: 40 } } }
scenarios: {}
methods: { ssd: }
audits:
  attack: { attacks: [u-lira, rmia], problem: digits, pool: 40, models: 4, targets: 2, forgetSets: 1, forgetSize: 4, population: 40 }
`;
const recorded = join("results", "audited", "audits", "attack--ssd.json");

describe("an audit", () => {
  let cwd: string;
  let printed: string;
  beforeAll(async () => {
    cwd = await temporaryFolder();
    await writeExperiment(cwd, "audited.yaml", experiment);
    ({ stdout: printed } = await lethe(["bench", "audited.yaml", "--backend", "cpu"], { cwd }));
  });

  it("is printed with a table for each attack", () => {
    for (const title of ["U-LiRA", "RMIA"]) expect(printed).toMatch(new RegExp(`^digits: audit attack, ${title} .*population 40`, "m"));
    expect(printed.match(/^retrain \(control\) /gm)).toHaveLength(2);
  });

  it("is made again to the last bit, and a number that was changed is named", async () => {
    const words = ["--cache", "replayed"];
    const { exitCode, stdout } = await lethe(["replay", recorded, ...words], { cwd });
    expect(stdout).toMatch(/^✓ 34 equal, 0 within tolerance, 0 different$/m);
    expect(exitCode).toBe(0);
    const audit = JSON.parse(await readFile(join(cwd, recorded), "utf8")) as AuditResult;
    const records = audit.records.map((record) => (record.name === "unlearning-rmia-auc" ? { ...record, value: record.value! + 0.4 } : record));
    await writeFile(join(cwd, "forged.json"), JSON.stringify({ ...audit, records }));
    const forged = await lethe(["replay", "forged.json", ...words], { cwd });
    expect(forged.stdout).toMatch(/^unlearning-rmia-auc, value +\d\.\d+ +0\.\d+ +different$/m);
    expect(forged.stdout).toMatch(/^✗ 33 equal, 0 within tolerance, 1 different$/m);
    expect(forged.exitCode).toBe(5);
  });
});
