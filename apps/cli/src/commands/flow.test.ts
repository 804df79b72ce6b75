import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadModel } from "@lethe/core/files";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import type { RunManifest } from "../runs/manifest.ts";

/** One after the other, as a user would: each test goes on from where the last one ended. */
describe("train, prepare, unlearn, evaluate", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await temporaryFolder();
  });

  const run = async (...words: string[]) => {
    const ended = await lethe([...words, "--json"], { cwd });
    expect(ended.stderr).toBe("");
    return {
      exitCode: ended.exitCode,
      ...(JSON.parse(ended.stdout) as { ok: boolean; command: string; result: Record<string, never>; error: { code: string; message: string } }),
    };
  };
  const cpu = ["--backend", "cpu"];
  const manifest = async (folder: string) => JSON.parse(await readFile(join(cwd, folder, "lethe.json"), "utf8")) as RunManifest;

  it("trains, and leaves a standard model with its story beside it", async () => {
    const { exitCode, ok, result } = await run("train", "--data", "digits", "--epochs", "5", "--seed", "3", "--out", "a", ...cpu);
    expect([exitCode, ok]).toEqual([0, true]);
    expect(result).toMatchObject({ folder: "a", parameters: 4810, backend: "cpu", recipe: { seed: 3, epochs: 5 } });
    expect((result["accuracy"] as { test: number }).test).toBeGreaterThan(0.85);
    expect(Object.keys(await contentOf(cwd))).toEqual(["a/lethe-checksums.json", "a/lethe.json", "a/model.json", "a/weights.bin"]);
    expect(await manifest("a")).toMatchObject({ weights: result["weights"], forgotten: [], lineage: [], data: { train: "digits", size: 1437 } });
    const network = await loadModel(join(cwd, "a"));
    expect(network.countParams()).toBe(4810);
    network.dispose();
  });

  it("gives the same weights for the same seed, others for another", async () => {
    const again = await run("train", "--data", "digits", "--epochs", "5", "--seed", "3", "--out", "again", ...cpu);
    const other = await run("train", "--data", "digits", "--epochs", "1", "--seed", "4", "--out", "other", ...cpu);
    const { weights } = await manifest("a");
    expect(again.result["weights"]).toBe(weights);
    expect(other.result["weights"]).not.toBe(weights);
  });

  it("replaces a run only when told to", async () => {
    const words = ["train", "--data", "digits", "--epochs", "1", "--out", "other", ...cpu];
    expect(await run(...words)).toMatchObject({ exitCode: 2, error: { code: "cli/output-exists" } });
    expect(await run(...words, "--overwrite")).toMatchObject({ exitCode: 0 });
    await writeFile(join(cwd, "other", "notes.txt"), "mine");
    const before = await contentOf(cwd);
    expect(await run(...words, "--overwrite")).toMatchObject({
      exitCode: 2,
      error: { code: "cli/output-exists", details: { foreign: ["notes.txt"] } },
    });
    expect(await contentOf(cwd)).toEqual(before);
  });

  it("prepares once", async () => {
    const words = ["prepare", "a", "--method", "ssd", ...cpu];
    expect(await run(...words)).toMatchObject({ exitCode: 0, result: { artifact: "a/artifact-ssd.safetensors", cost: { samplesBackward: 1437 } } });
    expect(await run(...words)).toMatchObject({ exitCode: 2, error: { code: "cli/output-exists" } });
    expect(await run("prepare", "a", "--method", "finetune", ...cpu)).toMatchObject({ exitCode: 0, result: { artifact: null } });
  });

  it("unlearns a class with what was prepared, and leaves the given model alone", async () => {
    const before = await contentOf(join(cwd, "a"));
    const { exitCode, result } = await run("unlearn", "a", "--method", "ssd", "--forget", "class=3", ...cpu);
    expect(exitCode).toBe(0);
    // One pass for the importances, one to see what is still recognised.
    expect(result).toMatchObject({ folder: "a-ssd", artifact: "earlier", status: "completed", preparation: null, cost: { samplesForward: 280 } });
    expect(result["forgotten"]).toHaveLength(140);
    const accuracy = result["accuracy"] as { before: { forget: number }; after: { forget: number } };
    expect(accuracy.after.forget).toBeLessThan(accuracy.before.forget - 0.25);
    expect(await contentOf(join(cwd, "a"))).toEqual(before);
    expect(Object.keys(await contentOf(join(cwd, "a-ssd")))).toEqual([
      "artifact-ssd.safetensors",
      "lethe-checksums.json",
      "lethe.json",
      "model.json",
      "weights.bin",
    ]);
    const story = await manifest("a-ssd");
    expect(story.lineage).toHaveLength(1);
    expect(story.lineage[0]).toMatchObject({ method: "ssd", selection: { class: 3 }, from: (await manifest("a")).weights, source: "../a", seed: 0 });
    expect(story.weights).not.toBe(story.lineage[0].from);
  });

  it("answers a second request from what is left", async () => {
    const { forgotten } = await manifest("a-ssd");
    await writeFile(join(cwd, "again.json"), JSON.stringify(forgotten.slice(0, 1)));
    expect(await run("unlearn", "a-ssd", "--method", "ssd", "--forget", "again.json", ...cpu)).toMatchObject({
      exitCode: 3,
      error: { code: "forget/already-forgotten" },
    });
    expect(await run("unlearn", "a-ssd", "--method", "ssd", "--forget", "class=3", ...cpu)).toMatchObject({
      exitCode: 3,
      error: { code: "forget/unknown-class" },
    });

    const { exitCode, result } = await run(
      "unlearn",
      "a-ssd",
      "--method",
      "finetune",
      "--set",
      "epochs=1",
      "--forget",
      "random=20",
      "--seed",
      "5",
      "--out",
      "b",
      ...cpu,
    );
    expect(exitCode).toBe(0);
    const story = await manifest("b");
    expect(story.lineage.map(({ method }) => method)).toEqual(["ssd", "finetune"]);
    expect(story.forgotten).toHaveLength(160);
    expect(new Set(story.forgotten).size).toBe(160);
    expect(result["cost"]).toMatchObject({ samplesBackward: 1437 - 160 });
  });

  it("evaluates beside retrained models, which it keeps", async () => {
    const words = ["evaluate", "a-ssd", "--oracles", "3", ...cpu];
    const first = await run(...words);
    expect(first.exitCode).toBe(0);
    const { evaluation, oracles, requests } = first.result as unknown as {
      evaluation: { unlearned: { metrics: { name: string; target: number }[] }; scenario: string };
      oracles: { folder: string; seconds: number }[];
      requests: object[];
    };
    expect(evaluation).toMatchObject({
      scenario: "class",
      forgottenClasses: [3],
      oracleCount: 3,
      sampleCounts: { retain: 1297, forget: 140, test: 360 },
    });
    expect(requests).toMatchObject([{ method: "ssd", status: "completed" }]);
    // A model that never saw the class cannot name it.
    expect(evaluation.unlearned.metrics.find(({ name }) => name === "forget-accuracy")?.target).toBe(0);
    expect(new Set(oracles.map(({ folder }) => folder)).size).toBe(3);

    const before = await contentOf(cwd);
    const second = await run(...words);
    expect(second.result).toEqual(first.result);
    expect(await contentOf(cwd)).toEqual(before);

    // A damaged oracle is trained again, the others are not.
    await writeFile(join(oracles[1].folder, "weights.bin"), "damaged");
    const third = await run(...words);
    expect(third.result["evaluation"]).toEqual(evaluation);
    expect(await run("evaluate", "a-ssd", "--oracles", "2", ...cpu)).toMatchObject({ result: { evaluation: { oracleCount: 2 } } });
  });

  it("goes on with an evaluation that was interrupted", async () => {
    const words = ["evaluate", "a-ssd", "--oracles", "2", "--cache", "kept", ...cpu];
    const interruption = new AbortController();
    const running = lethe(words, { cwd, signal: interruption.signal });
    const finished = async () => Object.keys(await contentOf(join(cwd, "kept")).catch(() => ({}))).filter((name) => name.endsWith("/lethe.json"));
    while ((await finished()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    interruption.abort();
    expect(await running).toMatchObject({ exitCode: 130, stdout: "", stderr: expect.stringContaining("are kept. (run/aborted)") as unknown });
    const [kept] = await finished();
    const before = await contentOf(join(cwd, "kept", dirname(kept)));
    expect((await lethe(words, { cwd })).exitCode).toBe(0);
    expect(await contentOf(join(cwd, "kept", dirname(kept)))).toEqual(before);
    expect(await finished()).toHaveLength(2);
  });

  it("saves nothing of a request that is interrupted", async () => {
    const before = await contentOf(cwd);
    const interruption = new AbortController();
    const running = lethe(["unlearn", "a", "--method", "finetune", "--set", "epochs=1000", "--forget", "random=5", "--out", "c", ...cpu], {
      cwd,
      signal: interruption.signal,
    });
    setTimeout(() => interruption.abort(), 300);
    expect(await running).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("nothing was saved. (run/aborted)") as unknown });
    expect(await contentOf(cwd)).toEqual(before);
  });

  it("finds the original through several requests, and refuses another", async () => {
    const { result } = await run("evaluate", "b", "--oracles", "1", ...cpu);
    expect(result).toMatchObject({ original: join(cwd, "a"), evaluation: { scenario: "samples", sampleCounts: { forget: 160 } } });
    expect(await run("evaluate", "b", "--original", "again", "--oracles", "1", ...cpu)).toMatchObject({ exitCode: 0 });
    expect(await run("evaluate", "b", "--original", "other", ...cpu)).toMatchObject({ exitCode: 3, error: { code: "run/other-original" } });
    expect(await run("evaluate", "a", ...cpu)).toMatchObject({ exitCode: 2 });
  });

  it("says so when a method changes nothing, and saves nothing", async () => {
    const before = await contentOf(cwd);
    const words = ["unlearn", "a", "--method", "ssd", "--set", "selection=fixed", "--set", "alpha=1e9", "--forget", "random=5", "--out", "c", ...cpu];
    expect(await run(...words)).toMatchObject({ exitCode: 0, result: { status: "no-effect", folder: null, weights: null } });
    expect((await lethe(words, { cwd })).stdout).toMatch(/^! ssd changed nothing in a, so nothing was saved$/m);
    expect(await contentOf(cwd)).toEqual(before);
  });

  it("ends with 5 when the result is not usable, and saves nothing", async () => {
    const before = await contentOf(cwd);
    const { exitCode, error } = await run("unlearn", "a", "--method", "finetune", "--set", "rate=1e30", "--forget", "random=5", "--out", "c", ...cpu);
    expect([exitCode, error.code]).toEqual([5, "result/non-finite"]);
    expect(await run("train", "--data", "digits", "--rate", "1e30", "--optimiser", "sgd", "--out", "c", ...cpu)).toMatchObject({
      exitCode: 5,
      error: { code: "train/non-finite" },
    });
    expect(await contentOf(cwd)).toEqual(before);
  });

  it("leaves no tensor behind", async () => {
    expect(tf.memory().numTensors).toBe(0);
  });

  it("prints for people what it prints for machines", async () => {
    const { stdout } = await lethe(["evaluate", "a-ssd", ...cpu], { cwd });
    expect(stdout).toMatch(/^a-ssd {2}class 3 forgotten by ssd$/m);
    expect(stdout).toMatch(/^Forget accuracy +9\d\.\d% +\d+\.\d% +0\.0% ± 0\.0% +0\.0% to 0\.\d% +\S/m);
    expect(stdout).toMatch(/3 retrained models/);
    const unlearned = await lethe(["unlearn", "a", "--method", "ssd", "--forget", "class=3", "--overwrite", ...cpu], { cwd });
    expect(unlearned.stdout).toMatch(/^✓ ssd made a forget 140 samples of class 3$/m);
    expect(unlearned.stdout).toMatch(/forget set +9\d\.\d% → \d+\.\d% right/);
  });
});
