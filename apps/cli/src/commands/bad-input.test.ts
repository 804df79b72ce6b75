import { loadData } from "@lethe/bench";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { writeIdx } from "../fixtures/idx.ts";
import { lethe } from "../fixtures/run.ts";

const cpu = ["--backend", "cpu"];

/** Every kind of bad input: one sentence, a code, an exit code, and a folder in which nothing has changed. */
describe("bad input", () => {
  let cwd: string;

  const path = (...names: string[]) => join(cwd, ...names);
  const train = (out: string, ...more: string[]) => lethe(["train", "--data", "digits", "--epochs", "1", "--out", out, ...cpu, ...more], { cwd });
  const forget = (what: string, ...more: string[]) => ["unlearn", "run", "--method", "ssd", "--forget", what, "--out", "new", ...cpu, ...more];

  beforeAll(async () => {
    cwd = await temporaryFolder();
    expect((await train("run")).exitCode).toBe(0);
    expect((await train("other", "--seed", "1")).exitCode).toBe(0);
    expect((await lethe(["prepare", "other", "--method", "ssd", "--out", "other.safetensors", ...cpu], { cwd })).exitCode).toBe(0);
    const { train: digits } = await loadData({ train: "digits" });
    await writeFile(path("unknown.json"), JSON.stringify(["digit-9999"]));
    await writeFile(path("twice.json"), JSON.stringify([digits.ids[0], digits.ids[0]]));
  });

  const expectRefused = async (words: readonly string[], exitCode: number, code: string, message: RegExp) => {
    const before = await contentOf(cwd);
    const told = await lethe(words, { cwd });
    expect(told).toMatchObject({ exitCode, stdout: "" });
    // One sentence: a line that ends where it ends.
    const [line] = told.stderr.split("\n");
    expect(line).toMatch(/^lethe: \S.*[.?] \([a-z-]+\/[a-z-]+\)$/);
    expect(line).toContain(`(${code})`);
    expect(line).toMatch(message);
    const machine = await lethe([...words, "--json"], { cwd });
    expect(machine).toMatchObject({ exitCode, stderr: "" });
    expect(JSON.parse(machine.stdout)).toMatchObject({ ok: false, error: { code, exitCode } });
    expect(await contentOf(cwd)).toEqual(before);
  };

  /** A copy of the run, so that it can be damaged. The checksums go where the damage should be found without them. */
  const damaged = async (name: string, file: string, damage: (bytes: Buffer) => Buffer | string, checksums: "kept" | "removed" = "removed") => {
    await cp(path("run"), path(name), { recursive: true });
    await writeFile(path(name, file), damage(await readFile(path(name, file))));
    if (checksums === "removed") await rm(path(name, "lethe-checksums.json"));
  };

  describe("the forget set", () => {
    it.each([
      ["unknown.json", "forget/unknown-id", /digit-9999/],
      ["twice.json", "forget/duplicate-id", /twice/],
      ["random=1437", "forget/everything", /All 1437 samples/],
      ["random=1438", "forget/bad-count", /1438 of 1437/],
      ["class=10", "forget/unknown-class", /0 to 9/],
      ["class=zero", "forget/unknown-class", /no class zero/],
      ["missing.json", "file/not-found", /missing\.json/],
    ])("%s", async (what, code, message) => {
      await expectRefused(forget(what), 3, code, message);
    });
  });

  describe("data", () => {
    const fromFiles = (name: string) => ["train", "--data", `idx:${name}-images,${name}-labels`, "--epochs", "1", "--out", "new", ...cpu];

    it("labels out of range", async () => {
      await writeIdx(cwd, { name: "negative", shape: [4, 2, 2], labels: [0, 1, -1, 1] });
      await expectRefused(fromFiles("negative"), 3, "data/label-out-of-range", /label -1/);
    });

    it.each([
      ["nan", NaN],
      ["infinite", Infinity],
    ])("%s", async (name, value) => {
      await writeIdx(cwd, { name, shape: [4, 2], labels: [0, 1, 0, 1], values: [0, 1, 0, 1, 0, value, 1, 1] });
      await expectRefused([...fromFiles(name), "--model", "mlp"], 3, "data/non-finite", new RegExp(`holds ${value}`));
    });

    it.each([
      ["a truncated IDX file", (bytes: Buffer) => bytes.subarray(0, 20), "data/truncated", /fetch it again/],
      ["a corrupted IDX header", (bytes: Buffer) => Buffer.concat([Buffer.from("PNG!"), bytes.subarray(4)]), "data/bad-magic", /another format/],
      ["an IDX file that is too long", (bytes: Buffer) => Buffer.concat([bytes, bytes]), "data/over-long", /goes on/],
      ["a corrupted gzip file", () => Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), "data/bad-gzip", /gzip/],
    ])("%s", async (_, damage, code, message) => {
      await writeIdx(cwd, { name: "cut", shape: [4, 4, 4], labels: [0, 1, 0, 1] });
      await writeFile(path("cut-images"), damage(await readFile(path("cut-images"))));
      await expectRefused(fromFiles("cut"), 3, code, message);
    });

    it("images and labels that do not go together", async () => {
      await writeIdx(cwd, { name: "five", shape: [5, 4, 4], labels: [0, 1, 0, 1] });
      await expectRefused(fromFiles("five"), 3, "data/shape-mismatch", /\[5, 4, 4\]/);
    });

    it("a data set that is not there", async () => {
      await expectRefused(["train", "--data", "cifar", "--out", "new"], 3, "data/unknown-source", /digits, fashion-sample/);
      await expectRefused(fromFiles("nowhere"), 3, "file/not-found", /nowhere-images/);
    });

    it("samples that are not those the model was trained on", async () => {
      const pair = { name: "mine", shape: [8, 4, 4], labels: [0, 1, 0, 1, 0, 1, 0, 1] };
      await writeIdx(cwd, pair);
      expect((await lethe(["train", "--data", "idx:mine-images,mine-labels", "--epochs", "0", "--out", "mine", ...cpu], { cwd })).exitCode).toBe(0);
      await writeIdx(cwd, { ...pair, labels: pair.labels.toReversed() });
      await expectRefused(["unlearn", "mine", ...forget("class=1").slice(2)], 3, "data/changed", /not those that mine was trained on/);
    });
  });

  describe("models", () => {
    it("that are not there", async () => {
      await expectRefused(["unlearn", "nowhere", ...forget("class=1").slice(2)], 3, "run/not-found", /There is no folder/);
    });

    it.each([
      ["truncated model.json", "model.json", (bytes: Buffer) => bytes.subarray(0, 200), "model/bad-json"],
      ["foreign model.json", "model.json", () => '{"hello": "world"}', "model/not-a-layers-model"],
      ["truncated weights", "weights.bin", (bytes: Buffer) => bytes.subarray(0, 1000), "model/weights-size-mismatch"],
      ["truncated lethe.json", "lethe.json", (bytes: Buffer) => bytes.subarray(0, 100), "run/bad-manifest"],
      ["lethe.json of something else", "lethe.json", () => '{"format": "lethe/run", "version": 2}', "run/bad-manifest"],
      ["NaN among the weights", "weights.bin", (bytes: Buffer) => withFloat(bytes, NaN), "model/non-finite"],
      ["an infinite weight", "weights.bin", (bytes: Buffer) => withFloat(bytes, -Infinity), "model/non-finite"],
    ])("%s", async (name, file, damage, code) => {
      await damaged(name, file, damage);
      await expectRefused(["unlearn", name, ...forget("class=1").slice(2)], 3, code, /./);
    });

    it("whose bytes have changed since they were written", async () => {
      await damaged("flipped", "weights.bin", (bytes) => withFloat(bytes, 0.5), "kept");
      await expectRefused(["unlearn", "flipped", ...forget("class=1").slice(2)], 3, "model/checksum", /weights\.bin/);
    });

    it("whose shape is not that of the data", async () => {
      await expectRefused([...forget("class=1"), "--data", "fashion-sample"], 3, "data/changed", /fashion-sample/);
      await cp(path("run"), path("plain"), { recursive: true });
      await rm(path("plain", "lethe.json"));
      await expectRefused(
        ["unlearn", "plain", ...forget("class=1").slice(2), "--data", "fashion-sample"],
        3,
        "problem/input-shape",
        /\[28, 28, 1\].*\[64\]/,
      );
      await expectRefused(["unlearn", "plain", ...forget("class=1").slice(2)], 2, "cli/missing-option", /add --data/);
    });

    it("that are not finished", async () => {
      await cp(path("run"), path("half.training"), { recursive: true });
      await expectRefused(["unlearn", "half", ...forget("class=1").slice(2)], 3, "run/unfinished", /--resume/);
    });
  });

  describe("artifacts", () => {
    const withArtifact = (file: string) => forget("class=1", "--artifact", file);

    it("of another model", async () => {
      await expectRefused(withArtifact("other.safetensors"), 3, "artifact/other-model", /another model/);
    });

    it.each([
      ["truncated", (bytes: Buffer) => bytes.subarray(0, 500), "safetensors/truncated"],
      ["cut within its data", (bytes: Buffer) => bytes.subarray(0, bytes.length - 8), "safetensors/truncated"],
      ["corrupted", (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8), Buffer.from("not json"), bytes.subarray(16)]), "safetensors/bad-header"],
    ])("%s", async (name, damage, code) => {
      await writeFile(path(`${name}.safetensors`), damage(await readFile(path("other.safetensors"))));
      await expectRefused(withArtifact(`${name}.safetensors`), 3, code, /./);
    });

    it("of another method", async () => {
      await expectRefused(
        ["unlearn", "run", "--method", "finetune", "--forget", "class=1", "--out", "new", "--artifact", "other.safetensors", ...cpu],
        3,
        "artifact/other-method",
        /ssd/,
      );
    });

    it("that are no artifact", async () => {
      await expectRefused(withArtifact("unknown.json"), 3, "safetensors/bad-header", /./);
      await expectRefused(withArtifact("absent.safetensors"), 3, "file/not-found", /./);
    });
  });

  describe("options and methods", () => {
    it("an unknown option", async () => {
      await expectRefused([...forget("class=1"), "--metod", "ssd"], 2, "cli/unknown-option", /did you mean --method/);
    });

    it("an unknown or wrong option of the method, with what is allowed", async () => {
      await expectRefused(forget("class=1", "--set", "alfa=10"), 2, "options/invalid", /alfa/);
      const { stderr } = await lethe(forget("class=1", "--set", "alpha=-1"), { cwd });
      expect(stderr).toMatch(/\(options\/invalid\)\nThe options of ssd:\n/);
      expect(stderr).toMatch(/^ {2}alpha +number, more than 0 \(default 10\)$/m);
      expect(stderr).toMatch(/^ {2}importance +per-sample, .* or label-free \(default per-sample\)$/m);
    });

    it("a method that is not installed, with how to install it", async () => {
      await expectRefused(
        ["unlearn", "run", "--method", "scrub", "--forget", "class=1", ...cpu],
        4,
        "method/not-installed",
        /npm install @lethe\/scrub or npm install lethe-method-scrub/,
      );
      await expectRefused(["methods", "lethe-method-mine"], 4, "method/not-installed", /npm install lethe-method-mine/);
    });

    it("a backend that is not there", async () => {
      await expectRefused(
        ["unlearn", "run", "--method", "ssd", "--forget", "class=1", "--out", "new", "--backend", "tensorflow"],
        4,
        "backend/unavailable",
        /tfjs-node/,
      );
    });

    it("a place that cannot be written", async () => {
      await writeFile(path("file"), "in the way");
      await expectRefused(["train", "--data", "digits", "--epochs", "0", "--out", "file/new", ...cpu], 4, "file/not-writable", /./);
    });
  });
});

function withFloat(bytes: Buffer, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeFloatLE(value, 400);
  return changed;
}
