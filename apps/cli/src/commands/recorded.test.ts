import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTrajectory } from "@lethe/core";
import { folderStorage } from "@lethe/core/files";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import type { RunManifest } from "../runs/manifest.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await temporaryFolder();
});

interface Answered {
  readonly exitCode: number;
  readonly result: Readonly<Record<string, never>>;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: readonly string[] };
}
const run = async (words: readonly string[], signal?: AbortSignal): Promise<Answered> => {
  const ended = await lethe([...words, "--json"], { cwd, ...(signal === undefined ? {} : { signal }) });
  return { exitCode: ended.exitCode, ...(JSON.parse(ended.stdout) as Omit<Answered, "exitCode">) };
};
const cpu = ["--backend", "cpu"];
const recording = [
  "--data",
  "digits",
  "--model",
  "mlp",
  "--epochs",
  "1",
  "--batch-size",
  "64",
  "--record",
  "deep-obliviate",
  "--blocks",
  "6",
  ...cpu,
];
const asking = ["--method", "deep-obliviate", "--set", "minimumPoints=3", "--skip-twins", ...cpu];
const manifest = async (folder: string) => JSON.parse(await readFile(join(cwd, folder, "lethe.json"), "utf8")) as RunManifest;
const inside = async (folder: string) => Object.keys(await contentOf(join(cwd, folder)));
const snapshots = async (folder: string) => openTrajectory(await folderStorage(join(cwd, folder, "recorded-deep-obliviate")));

/** One after the other, as a user would. */
describe("train --record, unlearn", () => {
  it("records into the run folder, which says so and is verified with it", async () => {
    const { exitCode, result } = await run(["train", ...recording, "--out", "a"]);
    expect([exitCode, result]).toMatchObject([0, { recorded: { method: "deep-obliviate", name: "deep-obliviate", options: {} } }]);
    const names = await inside("a");
    expect(names).toEqual(expect.arrayContaining(["artifact-deep-obliviate.safetensors", "lethe.json", "recorded-deep-obliviate.json"]));
    expect(names.filter((name) => name.startsWith("recorded-deep-obliviate/snapshot-"))).toHaveLength(7);
    expect((await snapshots("a")).length).toBe(7);
    expect(await readdir(cwd)).toEqual(["a"]);
    const { training, weights } = await manifest("a");
    expect(training!.cost.bytesStored).toBeGreaterThan(0);
    // To be watched changes nothing.
    const { result: plain } = await run(["train", ...recording.filter((word) => !/record|deep/.test(word)), "--out", "plain"]);
    expect(plain["weights"]).toBe(weights);
  });

  it("answers from a copy, says what it took, and leaves the run and its recording as they were", async () => {
    const before = await contentOf(join(cwd, "a"));
    const { exitCode, result } = await run(["unlearn", "a", ...asking, "--forget", "random=10", "--out", "b"]);
    expect(exitCode).toBe(0);
    expect(await contentOf(join(cwd, "a"))).toEqual(before);
    expect(result).toMatchObject({
      artifact: "earlier",
      report: { blocks: 6 },
      recording: { path: join("a", "recorded-deep-obliviate"), original: "kept" },
    });
    const { report, recording: told } = result as unknown as {
      report: { destroyed: object[]; bytesStored: number; speedUp: number };
      recording: { speedUp: { samples: number; seconds: number } };
    };
    expect(report.destroyed.length).toBeGreaterThan(0);
    expect(told.speedUp.samples).toBe(report.speedUp);
    expect(told.speedUp.seconds).toBeGreaterThan(0);
    expect((await readdir(cwd)).toSorted()).toEqual(["a", "b", "plain"]);
    expect((await manifest("b")).recorded?.method).toBe("deep-obliviate");
    expect(await run(["verify", "b"])).toMatchObject({ exitCode: 0, result: { verdict: "intact" } });
  });

  it("answers the next request from that, and destroys what it began from when told to", async () => {
    const { exitCode, result } = await run(["unlearn", "b", ...asking, "--forget", "random=10", "--seed", "1", "--out", "c", "--destroy-recording"]);
    expect([exitCode, result]).toMatchObject([0, { recording: { original: "destroyed" } }]);
    expect((await manifest("c")).forgotten).toHaveLength(20);
    expect((await snapshots("c")).ids.filter((id) => id === null)).toHaveLength(20);
    expect(existsSync(join(cwd, "b", "recorded-deep-obliviate"))).toBe(false);
    // The model is whole, and can be asked by other methods.
    expect(await run(["verify", "b"])).toMatchObject({ exitCode: 0, result: { verdict: "intact" } });
    expect(await run(["unlearn", "b", ...asking, "--forget", "random=10", "--out", "d"])).toMatchObject({ error: { code: "run/not-recorded" } });
  });

  it("is told to a person in words", async () => {
    const words = ["unlearn", "c", ...asking, "--forget", "random=10", "--seed", "2", "--out", "e"];
    const { stdout } = await lethe(words, { cwd });
    expect(stdout).toMatch(/redone +\d of 6 blocks/);
    expect(stdout).toMatch(/less work +than training again: [\d.]+ times by samples, [\d.]+ times by the clock/);
    expect(stdout).toMatch(/destroyed +\d snapshots? in the copy/);
    const said = stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain("c is as it was: its model, and the recording c/recorded-deep-obliviate, still hold what was to be forgotten.");
  });

  it("drops the recording where another method makes the new model", async () => {
    expect(await run(["unlearn", "a", "--method", "ssd", "--skip-twins", ...cpu, "--forget", "class=1", "--out", "f"])).toMatchObject({
      exitCode: 0,
    });
    expect((await manifest("f")).recorded).toBeUndefined();
    expect(await inside("f")).not.toContain("recorded-deep-obliviate.json");
  });

  it("replaces a recorded run when told to, recording and all", async () => {
    await cp(join(cwd, "a"), join(cwd, "g"), { recursive: true });
    expect(await run(["unlearn", "g", ...asking, "--forget", "random=10", "--out", "g", "--overwrite"])).toMatchObject({
      exitCode: 0,
      result: { recording: { original: "replaced" } },
    });
    expect((await snapshots("g")).ids).toContain(null);
    expect(await run(["train", ...recording.filter((word) => !/record|deep/.test(word)), "--out", "g", "--overwrite"])).toMatchObject({
      exitCode: 0,
    });
    expect(await inside("g")).toEqual(["lethe-checksums.json", "lethe.json", "model.json", "weights.bin"]);
  });
});

describe("refused before anything is done", () => {
  const refused = async (words: readonly string[], code: string, message: RegExp) => {
    const before = await contentOf(cwd);
    const answered = await run(words);
    expect(answered.error).toMatchObject({ code });
    expect(answered.error.message).toMatch(message);
    expect(await contentOf(cwd)).toEqual(before);
    return answered;
  };
  const train = ["train", "--data", "digits", "--epochs", "1", "--out", "h", ...cpu];

  it("a training whose order the recorder cannot use, saying what to add", async () => {
    await refused([...train, "--record", "deep-obliviate"], "deep-obliviate/not-block-wise", /give the recipe an order/);
    const { stderr } = await lethe([...train, "--record", "deep-obliviate"], { cwd });
    expect(stderr).toMatch(/add --blocks 20/);
  });

  it("a method that does not watch, options without a method, options that it has not", async () => {
    await refused([...train, "--record", "ssd"], "cli/cannot-record", /ssd does not watch trainings/);
    await refused([...train, "--record-set", "a=1"], "cli/conflict", /--record/);
    await refused([...train, "--blocks", "4", "--record", "deep-obliviate", "--record-set", "a=1"], "options/invalid", /a/);
  });

  it("a run without a recording, and options of recordings where there are none", async () => {
    await refused(["unlearn", "plain", ...asking, "--forget", "class=1", "--out", "h"], "run/not-recorded", /lethe train --record deep-obliviate/);
    const other = ["unlearn", "a", "--method", "ssd", "--skip-twins", ...cpu, "--forget", "class=1", "--out", "h"];
    await refused([...other, "--destroy-recording"], "cli/conflict", /--destroy-recording/);
    await refused(["prepare", "plain", "--method", "deep-obliviate", ...cpu], "cli/has-to-watch", /lethe train --record/);
  });

  it("to go on with another recorder", async () => {
    await refused(["train", "--out", "h", "--resume", "--record", "deep-obliviate"], "cli/conflict", /leave out --record/);
  });
});

describe("a recording and the folder of its run agree", () => {
  it("after a training that was interrupted and resumed, with the same bits", async () => {
    const long = recording.map((word) => (word === "1" ? "3" : word));
    expect(await run(["train", ...long, "--out", "whole"])).toMatchObject({ exitCode: 0 });
    const words = ["train", ...long, "--out", "parts"];
    const interruption = new AbortController();
    const isBegun = async () => (await readdir(join(cwd, "parts.training", "recorded-deep-obliviate")).catch(() => [])).length >= 4;
    const watch = setInterval(() => void isBegun().then((begun) => begun && interruption.abort()), 5);
    const first = await run(words, interruption.signal);
    clearInterval(watch);
    expect(first.error).toMatchObject({ code: "run/aborted" });
    expect(existsSync(join(cwd, "parts"))).toBe(false);
    expect(await run(["train", "--out", "parts", "--resume"])).toMatchObject({ exitCode: 0 });
    expect((await manifest("parts")).weights).toBe((await manifest("whole")).weights);
    const contents = async (folder: string) => (await snapshots(folder)).entries.map(({ content }) => content);
    expect(await contents("parts")).toEqual(await contents("whole"));
    expect(await run(["unlearn", "parts", ...asking, "--forget", "random=5", "--out", "parts-b"])).toMatchObject({ exitCode: 0 });
  });

  it("after a program was killed between saving the run and moving the recording there", async () => {
    for (const [folder, work] of [
      ["k", "k.training"],
      ["l", "l.unlearning"],
    ] as const) {
      await cp(join(cwd, "a"), join(cwd, folder), { recursive: true });
      await mkdir(join(cwd, work));
      await cp(join(cwd, folder, "lethe.json"), join(cwd, work, "lethe.json"));
      await rename(join(cwd, folder, "recorded-deep-obliviate"), join(cwd, work, "recorded-deep-obliviate"));
      expect(await run(["unlearn", folder, ...asking, "--forget", "random=5", "--out", `${folder}-b`])).toMatchObject({ exitCode: 0 });
      expect((await snapshots(folder)).length).toBe(7);
      expect(existsSync(join(cwd, work))).toBe(false);
    }
  });

  it("where another training is unfinished beside it: that is not taken for its own", async () => {
    await cp(join(cwd, "a"), join(cwd, "m"), { recursive: true });
    await rm(join(cwd, "m", "recorded-deep-obliviate"), { recursive: true });
    await mkdir(join(cwd, "m.training", "recorded-deep-obliviate"), { recursive: true });
    const other = { ...(await manifest("m")), weights: null };
    await writeFile(join(cwd, "m.training", "lethe.json"), JSON.stringify(other));
    expect(await run(["unlearn", "m", ...asking, "--forget", "random=5", "--out", "m-b"])).toMatchObject({ error: { code: "run/not-recorded" } });
    expect(existsSync(join(cwd, "m.training", "recorded-deep-obliviate"))).toBe(true);
  });

  it("or lethe verify says so", async () => {
    await cp(join(cwd, "a"), join(cwd, "n"), { recursive: true });
    const [name] = (await readdir(join(cwd, "n", "recorded-deep-obliviate"))).toSorted().slice(-1);
    await writeFile(join(cwd, "n", "recorded-deep-obliviate", name), "changed");
    const { exitCode, result } = await run(["verify", "n"]);
    expect([exitCode, result["verdict"]]).toEqual([3, "changed"]);
    const files = result["files"] as { path: string; verdict: string }[];
    expect(files.find(({ path }) => path === `recorded-deep-obliviate/${name}`)).toMatchObject({ verdict: "changed" });
  });

  it("or the request that finds it damaged says so, and changes nothing", async () => {
    const before = await contentOf(cwd);
    const { error } = await run(["unlearn", "n", ...asking, "--forget", "random=5", "--out", "n-b"]);
    expect(error.code).toMatch(/^trajectory\//);
    expect(await contentOf(cwd)).toEqual(before);
  });
});
