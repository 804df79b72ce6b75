import { buildNetwork, encodeNetwork, loadData, type TrainJob } from "@lethe/bench";
import { openWorkers } from "./jobs/workers.ts";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "./fixtures/folder.ts";
import { appears, start } from "./fixtures/process.ts";
import { lethe } from "./fixtures/run.ts";
import type { RunManifest } from "./runs/manifest.ts";

/** What only a process of its own can show: being killed, interrupted, starved of disk, and having threads. */
describe("the process", () => {
  let cwd: string;
  const words = (out: string) => ["train", "--data", "digits", "--epochs", "12", "--checkpoint-every", "3", "--out", out, "--backend", "cpu"];
  const weightsOf = async (folder: string) => (JSON.parse(await readFile(join(cwd, folder, "lethe.json"), "utf8")) as RunManifest).weights;
  const exists = (...names: string[]) =>
    access(join(cwd, ...names)).then(
      () => true,
      () => false,
    );
  let undisturbed: string | null;

  beforeAll(async () => {
    cwd = await temporaryFolder();
    expect((await lethe(words("undisturbed"), { cwd })).exitCode).toBe(0);
    undisturbed = await weightsOf("undisturbed");
  });

  it("killed with -9 and resumed, ends with the weights of an undisturbed run", async () => {
    const { child, ended } = start(words("killed"), cwd);
    await appears(join(cwd, "killed.training", "checkpoint.safetensors"));
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    expect(await exists("killed")).toBe(false);

    expect(await lethe(words("killed"), { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("(cli/unfinished-training)") as unknown,
    });
    expect(await lethe(["train", "--out", "killed", "--resume", "--epochs", "3"], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("(cli/conflict)") as unknown,
    });
    expect((await lethe(["train", "--out", "killed", "--resume"], { cwd })).exitCode).toBe(0);
    expect(await weightsOf("killed")).toBe(undisturbed);
    expect(await exists("killed.training")).toBe(false);
    expect(await lethe(["train", "--out", "killed", "--resume"], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("(cli/nothing-to-resume)") as unknown,
    });
  });

  it("interrupted by Ctrl-C, says how to go on, and can", async () => {
    const { child, ended } = start(words("interrupted"), cwd);
    await appears(join(cwd, "interrupted.training", "checkpoint.safetensors"));
    child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await ended;
    expect([exitCode, stdout]).toEqual([130, ""]);
    expect(stderr).toMatch(/^lethe: The training was interrupted; go on with lethe train --out \S+interrupted --resume\. \(run\/aborted\)$/m);
    expect(await exists("interrupted")).toBe(false);
    expect((await lethe(["train", "--out", "interrupted", "--resume"], { cwd })).exitCode).toBe(0);
    expect(await weightsOf("interrupted")).toBe(undisturbed);
  });

  it("refuses a checkpoint that is damaged", async () => {
    const interruption = new AbortController();
    const running = lethe(words("damaged"), { cwd, signal: interruption.signal });
    await appears(join(cwd, "damaged.training", "checkpoint.safetensors"));
    interruption.abort();
    expect((await running).exitCode).toBe(130);
    const checkpoint = join(cwd, "damaged.training", "checkpoint.safetensors");
    await writeFile(checkpoint, (await readFile(checkpoint)).subarray(0, 1000));
    expect(await lethe(["train", "--out", "damaged", "--resume"], { cwd })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/checkpoint\.safetensors.*\(safetensors\//) as unknown,
    });
    await rm(join(cwd, "damaged.training"), { recursive: true });
  });

  // A limit on the size of files stands for a full disk: the system refuses the write in the same place.
  it("out of disk, keeps the old run to the byte and the checkpoint to go on from", async () => {
    await mkdir(join(cwd, "disk"));
    const disk = join(cwd, "disk");
    const small = ["train", "--data", "digits", "--epochs", "1", "--out", "run", "--backend", "cpu"];
    expect((await lethe(small, { cwd: disk })).exitCode).toBe(0);
    const before = await contentOf(join(disk, "run"));
    const again = start([...small, "--seed", "1", "--overwrite"], disk, "ulimit -f 16;");
    const { exitCode, stdout, stderr } = await again.ended;
    expect([exitCode, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/There is no room to write .*what was there before is untouched.*\(file\/disk-full\)\n.*--resume goes on/);
    expect(await contentOf(join(disk, "run"))).toEqual(before);
    expect(Object.keys(await contentOf(disk))).toEqual(["run.training/lethe.json", ...Object.keys(before).map((name) => `run/${name}`)]);
    // With room again, it goes on and replaces the old run.
    expect((await lethe(["train", "--out", "run", "--resume"], { cwd: disk })).exitCode).toBe(0);
    expect(await contentOf(join(disk, "run"))).not.toEqual(before);
    const unlearned = await start(
      ["unlearn", "run", "--method", "ssd", "--forget", "class=1", "--out", "new", "--backend", "cpu"],
      disk,
      "ulimit -f 16;",
    ).ended;
    expect(unlearned).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("(file/disk-full)") as unknown });
    expect(await exists("disk", "new")).toBe(false);
  });

  it("trains in threads to the same weights as without, and stops them when interrupted", async () => {
    const data = await loadData({ train: "digits" });
    const network = buildNetwork("mlp", data.train);
    const model = await encodeNetwork(network);
    network.dispose();
    const { recipe } = JSON.parse(await readFile(join(cwd, "undisturbed", "lethe.json"), "utf8")) as RunManifest;
    const job = (seed: number): TrainJob => ({
      kind: "train",
      phase: "training",
      model,
      data: { train: "digits" },
      without: [],
      recipe: { ...recipe!, epochs: 2, seed },
    });
    const interruption = new AbortController();
    const entry = new URL("./fixtures/worker.mjs", import.meta.url);
    const threads = openWorkers({ backend: "cpu", jobs: 4, count: 2, signal: interruption.signal, entry });
    const alone = openWorkers({ backend: "cpu", jobs: 1, signal: interruption.signal });
    try {
      expect([threads.count, alone.count]).toEqual([2, 1]);
      let reports = 0;
      const inThreads = await Promise.all([1, 2, 3].map((seed) => threads.run<"train">(job(seed), { onProgress: () => reports++ })));
      const inTurn = await Promise.all([1, 2, 3].map((seed) => alone.run<"train">(job(seed))));
      expect(inThreads.map(({ weights }) => weights)).toEqual(inTurn.map(({ weights }) => weights));
      expect(reports).toBeGreaterThan(10);

      await expect(threads.run<"train">({ ...job(1), data: { train: "nonsense" } })).rejects.toMatchObject({ code: "data/unknown-source" });
      const long = threads.run<"train">({ ...job(1), recipe: { ...recipe!, epochs: 10_000 } }, { onProgress: () => interruption.abort() });
      await expect(long).rejects.toMatchObject({ code: "run/aborted" });
      await expect(threads.run<"train">(job(1))).rejects.toMatchObject({ code: "run/aborted" });
    } finally {
      await threads.close();
    }
  });
});
