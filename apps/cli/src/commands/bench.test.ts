import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Estimate, RunFailure, RunResult, Summary } from "@lethe/bench";
import { beforeAll, describe, expect, it } from "vitest";
import { timelessResults, tinyExperiment, writeExperiment } from "../fixtures/experiment.ts";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";

interface BenchData {
  readonly folder: string;
  readonly estimate: Estimate | null;
  readonly seconds: number;
  readonly work: { readonly done: number; readonly found: number };
  readonly summary: Summary;
  readonly failures: readonly RunFailure[];
}

const cpu = ["--backend", "cpu"];
const control = "digits--class--control--seed-0.json";
const ssd = "digits--class--ssd--seed-0.json";

/** One after the other, as a user would: each test goes on from where the last one ended. */
describe("an experiment", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await temporaryFolder();
    await writeExperiment(cwd, "tiny.yaml", tinyExperiment);
  });

  const run = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await lethe([...words, "--json"], { cwd });
    expect(stderr).toBe("");
    const { ok, result, error } = JSON.parse(stdout) as { ok: boolean; result: BenchData; error: { code: string; message: string; details: object } };
    return { exitCode, ok, result, error };
  };
  const refused = async (source: string) => {
    await writeExperiment(cwd, "wrong.yaml", source);
    const before = await contentOf(cwd);
    const { exitCode, error } = await run("bench", "wrong.yaml", "--out", "nowhere", ...cpu);
    expect(await contentOf(cwd)).toEqual(before);
    return { exitCode, ...error };
  };

  it("writes everything that is known, and says where", async () => {
    const { exitCode, ok, result } = await run("bench", "tiny.yaml", ...cpu);
    expect([exitCode, ok]).toEqual([0, true]);
    expect(result).toMatchObject({ folder: join("results", "tiny"), failures: [], work: { found: 0 }, summary: { name: "tiny", seeds: [0] } });
    // The original, two oracles, the control; SSD's preparation and its request.
    expect(result.estimate).toMatchObject({ trainings: 4 });
    expect(result.estimate!.seconds).toBeGreaterThan(0);
    expect(result.summary.scenarios[0].rows.map(({ method }) => method)).toEqual(["do nothing", "ssd", "retrain (control)"]);
    expect((await readdir(join(cwd, "results", "tiny"))).toSorted()).toEqual([
      "experiment.yaml",
      "failures.json",
      "manifest.json",
      "report.html",
      "report.md",
      "runs",
      "summary.json",
      "table.csv",
      "table.parquet",
    ]);
    expect(await readdir(join(cwd, "results", "tiny", "runs"))).toEqual([control, ssd]);
    expect(await readFile(join(cwd, "results", "tiny", "experiment.yaml"), "utf8")).toBe(tinyExperiment);
  });

  it("names the versions that have a part in the numbers, and the machine's in the lock alone", async () => {
    const { lock } = JSON.parse(await readFile(join(cwd, "results", "tiny", "runs", ssd), "utf8")) as RunResult;
    expect(lock).toMatchObject({ backend: "cpu", versions: { lethe: expect.any(String) as unknown, node: process.versions.node } });
  });

  it("finds everything the second time, and writes the same", async () => {
    const before = await contentOf(join(cwd, "results"));
    const { exitCode, result } = await run("bench", "tiny.yaml", ...cpu);
    expect(exitCode).toBe(0);
    expect(result.work.done).toBeGreaterThan(6);
    expect(result.work.found).toBe(result.work.done);
    expect(await contentOf(join(cwd, "results"))).toEqual(before);
  });

  it("prints a table with the band of the oracles, and where the report is", async () => {
    const { exitCode, stdout, stderr } = await lethe(["bench", "tiny.yaml", ...cpu], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^tiny: 1 problem, 1 scenario, 1 method, 1 seed, 2 oracles; cpu backend, 1 at a time$/m);
    expect(stdout).toMatch(/^digits, class {2}forget class 1 · 132 of 1,437 training samples · 1 seed$/m);
    expect(stdout).toMatch(/^do nothing +\d/m);
    expect(stdout).toMatch(/^ssd +\d.* \d+(\.\d)?x /m);
    expect(stdout).toMatch(/^oracles .*–.* band of 2$/m);
    expect(stdout).toMatch(/everything found in the cache/);
    expect(stdout).toContain(join("results", "tiny", "report.html"));
  });

  it("keeps what still holds when the experiment grows", async () => {
    await writeExperiment(cwd, "grown.yaml", `${tinyExperiment}  retrain:\n`);
    const { exitCode, result } = await run("bench", "grown.yaml", "--out", "grown", ...cpu);
    expect(exitCode).toBe(0);
    // The request of the new method and its comparison.
    expect(result.work.done - result.work.found).toBe(2);
    const [before, after] = [await timelessResults(join(cwd, "results", "tiny")), await timelessResults(join(cwd, "grown"))];
    expect(after[ssd]).toEqual(before[ssd]);
  });

  it("goes on after a method that fails, says so, and ends with 5", async () => {
    await writeFile(
      join(cwd, "failing.mjs"),
      `const options = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
      export const failing = {
        contract: 1, id: "failing", title: "Failing", guarantee: "approximate", scenarios: ["class"], options,
        citation: { authors: "A", title: "T", venue: "V", year: 2020, url: "https://example.org" },
        needs: { retain: "none", labels: "not-needed", recipe: "not-needed", trace: "not-needed", layers: "any" },
        unlearn() { throw Object.assign(new Error("It cannot."), { [Symbol.for("lethe.error")]: true, code: "failing/always", details: {} }); },
      };`,
    );
    await writeExperiment(cwd, "failing.yaml", `${tinyExperiment}  failing: { method: ./failing.mjs }\n`);
    const words = ["bench", "failing.yaml", "--out", "failing", ...cpu];
    const { exitCode, ok, result } = await run(...words);
    expect([exitCode, ok]).toEqual([5, false]);
    expect(result.failures).toMatchObject([{ method: "failing", problem: "digits", scenario: "class", seed: 0, code: "failing/always" }]);
    expect(await readdir(join(cwd, "failing", "runs"))).toEqual([control, ssd]);
    const { stdout } = await lethe(words, { cwd });
    expect(stdout).toContain("failing on digits, class, seed 0: It cannot. (failing/always)");
    expect(stdout).toMatch(/^failing .* failed$/m);
  });

  it("is interrupted with a word on how to go on", async () => {
    const interruption = new AbortController();
    interruption.abort();
    const ended = await lethe(["bench", "tiny.yaml", "--cache", "none-yet", "--out", "interrupted", ...cpu], { cwd, signal: interruption.signal });
    expect([ended.exitCode, ended.stdout]).toEqual([130, ""]);
    expect(ended.stderr).toContain("lethe: The experiment was interrupted; run the same command again, what is finished is kept. (run/aborted)");
  });

  describe("refuses, and writes nothing,", () => {
    it("what is no YAML, with line and column", async () => {
      expect(await refused("name: x\nseeds: [1, 2\n")).toMatchObject({
        exitCode: 3,
        code: "experiment/not-yaml",
        message: expect.stringMatching(/line \d+, column \d+/) as unknown,
      });
    });

    it("an unknown field, by its name", async () => {
      const { exitCode, code, message } = await refused(tinyExperiment.replace("oracles:", "orcales:"));
      expect([exitCode, code]).toEqual([3, "experiment/invalid"]);
      expect(message).toContain("orcales");
    });

    it("an unknown method, with how to install it", async () => {
      expect(await refused(tinyExperiment.replace("ssd:", "forgetful:"))).toMatchObject({ exitCode: 4, code: "method/not-installed" });
    });

    it("an option that the method does not have", async () => {
      expect(await refused(tinyExperiment.replace("ssd:", "ssd: { options: { aplha: 1 } }"))).toMatchObject({ exitCode: 2, code: "options/invalid" });
    });

    it("a file that is not there", async () => {
      expect((await run("bench", "absent.yaml", ...cpu)).error).toMatchObject({ code: "file/not-found" });
    });

    it("a folder with other things in it, or another experiment's", async () => {
      await writeFile(join(cwd, "notes.txt"), "mine");
      const before = await contentOf(cwd);
      expect(await run("bench", "tiny.yaml", "--out", ".", ...cpu)).toMatchObject({ exitCode: 2, error: { code: "cli/output-exists" } });
      await writeExperiment(cwd, "tiny.yaml", tinyExperiment.replace("name: tiny", "name: other"));
      const other = await run("bench", "tiny.yaml", "--out", join("results", "tiny"), ...cpu);
      expect(other).toMatchObject({ exitCode: 2, error: { code: "cli/output-exists", details: { experiment: "tiny" } } });
      await writeExperiment(cwd, "tiny.yaml", tinyExperiment);
      expect(await contentOf(cwd)).toEqual(before);
    });
  });

  describe("lethe report", () => {
    it("writes the same bytes again, and nothing else", async () => {
      const before = await contentOf(join(cwd, "results"));
      await rm(join(cwd, "results", "tiny", "report.html"));
      expect(await run("report", join("results", "tiny"))).toMatchObject({ exitCode: 0, result: { html: join("results", "tiny", "report.html") } });
      expect(await contentOf(join(cwd, "results"))).toEqual(before);
    });

    it("writes elsewhere, both forms", async () => {
      const words = ["report", join("results", "tiny"), "--out"];
      expect(await run(...words, "paper.html")).toMatchObject({ exitCode: 0, result: { html: "paper.html", markdown: "paper.md" } });
      expect(await run(...words, "second.md")).toMatchObject({ exitCode: 0, result: { html: "second.html", markdown: "second.md" } });
      const own = await readFile(join(cwd, "results", "tiny", "report.html"));
      for (const name of ["paper.html", "second.html"]) expect(await readFile(join(cwd, name))).toEqual(own);
      expect(await readFile(join(cwd, "paper.md"), "utf8")).toMatch(/^# /);
    });

    it("does not vouch for results that were changed", async () => {
      const path = join(cwd, "grown", "runs", ssd);
      const bytes = await readFile(path);
      await writeFile(path, Buffer.concat([bytes, Buffer.from(" ")]));
      expect(await run("report", "grown")).toMatchObject({ exitCode: 3, error: { code: "results/changed" } });
      await writeFile(path, bytes);
    });

    it("refuses a folder without results", async () => {
      expect(await run("report", "runs")).toMatchObject({ exitCode: 3, error: { code: expect.stringMatching(/^results\/|^file\//) as unknown } });
    });
  });

  describe("lethe verify", () => {
    it("finds a flipped byte and a missing file", async () => {
      const folder = join("results", "tiny");
      const path = join(cwd, folder, "runs", ssd);
      const bytes = await readFile(path);
      expect(await run("verify", folder)).toMatchObject({ exitCode: 0, ok: true, result: { verdict: "intact" } });
      const flipped = Buffer.from(bytes);
      flipped[1000] ^= 1;
      await writeFile(path, flipped);
      await rm(join(cwd, folder, "table.csv"));
      expect(await run("verify", folder)).toMatchObject({ exitCode: 3, ok: false, result: { verdict: "changed" } });
      const { exitCode, stdout } = await lethe(["verify", folder], { cwd });
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(new RegExp(`^runs/${ssd} +changed$`, "m"));
      expect(stdout).toMatch(/^table\.csv +missing$/m);
      expect(stdout).toMatch(/2 files not as written/);
      // What was lost comes back from the cache.
      expect((await run("bench", "tiny.yaml", ...cpu)).exitCode).toBe(0);
      expect(await readFile(path)).toEqual(bytes);
      expect((await run("verify", folder)).exitCode).toBe(0);
    });
  });

  describe("lethe replay", () => {
    const recorded = join("results", "tiny", "runs", ssd);

    it("makes the same numbers again, to the last bit", async () => {
      const before = await contentOf(cwd);
      const { exitCode, stdout } = await lethe(["replay", recorded], { cwd });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^✓ \d{2,} equal, 0 within tolerance, 0 different$/m);
      expect(await contentOf(cwd)).toEqual(before);
    });

    it("names a number that is not what it was, and ends with 5", async () => {
      const result = JSON.parse(await readFile(join(cwd, recorded), "utf8")) as RunResult;
      const metrics = result.evaluation.unlearned.metrics.map((metric) =>
        metric.name === "retain-accuracy" ? { ...metric, value: metric.value! - 0.5 } : metric,
      );
      const forged = { ...result, evaluation: { ...result.evaluation, unlearned: { ...result.evaluation.unlearned, metrics } } };
      await writeFile(join(cwd, "forged.json"), JSON.stringify(forged));
      const words = ["replay", "forged.json", "--cache", "replay-cache"];
      const { exitCode, stdout } = await lethe(words, { cwd });
      expect(exitCode).toBe(5);
      expect(stdout).toMatch(/^retain-accuracy, unlearned +0\.\d+ +0\.\d+ +different$/m);
      expect(stdout).toMatch(/^✗ \d+ equal, 0 within tolerance, 1 different$/m);
      expect(await run(...words)).toMatchObject({ exitCode: 5, ok: false, result: { verdict: "different", counts: { different: 1 } } });
    });

    it("refuses what is no result", async () => {
      await writeFile(join(cwd, "other.json"), "{}");
      expect(await run("replay", "other.json")).toMatchObject({ exitCode: 3, error: { code: "results/bad-file" } });
    });
  });
});
