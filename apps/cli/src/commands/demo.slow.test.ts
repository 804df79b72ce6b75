import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { start } from "../fixtures/process.ts";
import { lethe } from "../fixtures/run.ts";
import type { RunManifest } from "../runs/manifest.ts";

describe("demo", () => {
  it("trains, forgets, compares and saves, in less than three minutes", async () => {
    const cwd = await temporaryFolder();
    const began = performance.now();
    const { exitCode, stdout, stderr } = await start(["demo", "--json"], cwd).ended;
    const seconds = (performance.now() - began) / 1000;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(seconds).toBeLessThan(180);

    type Row = { method: string; status: string; evaluation: { unlearned: { metrics: { name: string; value: number; verdict: string }[] } } };
    const { result } = JSON.parse(stdout) as { result: { scenarios: { id: string; methods: Row[] }[] } };
    expect(result.scenarios.map(({ id }) => id)).toEqual(["class-1", "random-100"]);
    const [byClass] = result.scenarios;
    const metric = (method: string, name: string) =>
      byClass.methods.find((row) => row.method === method)?.evaluation.unlearned.metrics.find((each) => each.name === name);
    expect(metric("retrain", "forget-accuracy")).toMatchObject({ value: 0, verdict: "within oracle band" });
    expect(metric("ssd", "forget-accuracy")?.value).toBeLessThan(0.2);
    expect(metric("finetune", "forget-accuracy")?.value).toBeGreaterThan(0.2);
    expect(metric("retrain", "test-accuracy-retained-classes")?.value).toBeGreaterThan(0.75);

    // What it saved is what the other commands go on from, its oracles included.
    const manifest = JSON.parse(await readFile(join(cwd, "runs/demo/class-1/ssd/lethe.json"), "utf8")) as RunManifest;
    expect(manifest).toMatchObject({ lineage: [{ method: "ssd", selection: { class: 1 } }] });
    const before = performance.now();
    const evaluated = await lethe(["evaluate", "runs/demo/class-1/ssd", "--oracles", "4", "--json"], { cwd });
    expect(evaluated.exitCode).toBe(0);
    expect((performance.now() - before) / 1000).toBeLessThan(20);
    const again = JSON.parse(evaluated.stdout) as { result: { original: string; evaluation: object } };
    expect(again.result.original).toBe(join(cwd, "runs/demo/original"));
    expect(again.result.evaluation).toEqual(byClass.methods.find(({ method }) => method === "ssd")?.evaluation);
  });
});
