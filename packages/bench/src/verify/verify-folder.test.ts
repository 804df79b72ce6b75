import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "@lethe/core";
import { checksumsName, writeFolderAtomic } from "@lethe/core/files";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { methods, problems, scenarios } from "../fixtures/results/plan.ts";
import { makeRun } from "../fixtures/results/runs.ts";
import { finishResults } from "../results/folder.ts";
import { verifyFolder, type Verification } from "./verify-folder.ts";

const run = makeRun(problems[0], scenarios[0], methods[0], 0);
const runPath = `runs/${run.id.replaceAll("/", "--")}.json`;
const results = { name: "example", source: "name: example\n", runs: [run], failures: [], audits: [] };
const bytes = (text: string) => new TextEncoder().encode(text);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lethe-verify-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const add = async (path: string, content = "more") => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
};
const verdicts = ({ files }: Verification) => Object.fromEntries(files.map(({ path, verdict }) => [path, verdict]));

async function flipBit(path: string, at: number): Promise<void> {
  const content = await readFile(join(folder, path));
  content[at] ^= 1;
  await writeFile(join(folder, path), content);
}

describe("a results folder", () => {
  beforeEach(() => finishResults(folder, results, { "summary.json": bytes("{}\n"), "tables/all.csv": bytes("a,b\n") }));

  test("is intact as it was written", async () => {
    const verification = await verifyFolder(folder);
    expect(verification).toMatchObject({ folder, kind: "results", verdict: "intact" });
    const all = ["experiment.yaml", "failures.json", runPath, "summary.json", "tables/all.csv"];
    expect(verdicts(verification)).toEqual(Object.fromEntries(all.map((path) => [path, "ok"])));
    expect(verification.listSha256).toBe(await sha256(await readFile(join(folder, "manifest.json"))));
    expect(verification.limits).toContain("do not show who wrote it");
  });

  test("shows a flipped bit, wherever it is", async () => {
    const { length } = await readFile(join(folder, runPath));
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), async (at) => {
        await flipBit(runPath, at);
        const verification = await verifyFolder(folder);
        await flipBit(runPath, at);
        expect(verification.verdict).toBe("changed");
        expect(verification.files.filter(({ failure }) => failure).map(({ path, verdict }) => [path, verdict])).toEqual([[runPath, "changed"]]);
      }),
      { numRuns: 20 },
    );
    expect((await verifyFolder(folder)).verdict).toBe("intact");
  });

  test("shows a file that was cut, with both sizes", async () => {
    await writeFile(join(folder, "summary.json"), "{}");
    const { files } = await verifyFolder(folder);
    expect(files.find(({ failure }) => failure)).toEqual({
      path: "summary.json",
      verdict: "changed",
      failure: true,
      message: "summary.json has 2 bytes instead of 3.",
    });
  });

  test("shows a missing file", async () => {
    await rm(join(folder, runPath));
    const verification = await verifyFolder(folder);
    expect(verification.verdict).toBe("changed");
    expect(verdicts(verification)[runPath]).toBe("missing");
  });

  test("shows what is in the place of a file and cannot be read", async () => {
    await rm(join(folder, "summary.json"));
    await mkdir(join(folder, "summary.json"));
    const verification = await verifyFolder(folder);
    expect(verification.verdict).toBe("changed");
    expect(verdicts(verification)["summary.json"]).toBe("unreadable");
  });

  test("may hold further files, which are named", async () => {
    for (const path of ["notes.txt", "tables/mine.csv", "cache/aa/one.bin", "cache/aa/two.bin", "runs/.DS_Store"]) await add(path);
    const verification = await verifyFolder(folder);
    expect(verification.verdict).toBe("intact");
    const unlisted = verification.files.filter(({ verdict }) => verdict === "unlisted").map(({ path }) => path);
    expect(unlisted.toSorted()).toEqual(["cache/", "notes.txt", "runs/.DS_Store", "tables/mine.csv"]);
  });

  test.each([
    ["runs/better.json", "runs/better.json"],
    ["audits/better.json", "audits/better.json"],
    ["runs/deep/better.json", "runs/deep/"],
  ])("may not hold a further result: %s", async (path, named) => {
    await add(path, JSON.stringify(run));
    const verification = await verifyFolder(folder);
    expect(verification.verdict).toBe("changed");
    const message = `${named} is not listed, but would pass for a result; the experiment did not write it.`;
    expect(verification.files.filter(({ failure }) => failure)).toEqual([{ path: named, verdict: "unlisted", failure: true, message }]);
  });

  test("with a manifest that was cut anywhere gives one clear error", async () => {
    const path = join(folder, "manifest.json");
    const whole = await readFile(path);
    // Without its last line break it is the same list.
    for (let length = 0; length < whole.length - 1; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      await expect(verifyFolder(folder)).rejects.toMatchObject({ code: "results/bad-file", details: { path } });
    }
  });

  test.each([
    ["no files", {}],
    ["a path that leads out of the folder", { files: { "../secret": { bytes: 1, sha256: "0".repeat(64) } } }],
    ["a hash that is none", { files: { "a.json": { bytes: 1, sha256: "abc" } } }],
  ])("with a manifest of %s is refused", async (_, content) => {
    await add("manifest.json", JSON.stringify({ format: "lethe/results", version: 1, name: "example", ...content }));
    await expect(verifyFolder(folder)).rejects.toMatchObject({ code: "results/bad-file" });
  });
});

describe("a folder that was written as a whole", () => {
  const write = () => writeFolderAtomic(join(folder, "model"), { "model.json": bytes("{}"), "weights.bin": new Uint8Array([1, 2, 3]) });
  const verify = () => verifyFolder(join(folder, "model"));

  test("is intact, also with what was added later", async () => {
    await write();
    await add("model/artifact-ssd.safetensors");
    const verification = await verify();
    expect(verification).toMatchObject({ kind: "files", verdict: "intact" });
    expect(verdicts(verification)).toEqual({ "model.json": "ok", "weights.bin": "ok", "artifact-ssd.safetensors": "unlisted" });
  });

  test("shows changed and missing files", async () => {
    await write();
    await flipBit("model/weights.bin", 1);
    await rm(join(folder, "model/model.json"));
    const verification = await verify();
    expect(verification.verdict).toBe("changed");
    expect(verdicts(verification)).toEqual({ "model.json": "missing", "weights.bin": "changed" });
    expect(verification.files[1].message).toContain(`instead of ${await sha256(new Uint8Array([1, 2, 3]))}`);
  });

  test("with a damaged list gives one clear error", async () => {
    await write();
    await add(`model/${checksumsName}`, "{");
    await expect(verify()).rejects.toMatchObject({ code: "file/bad-checksums" });
  });
});

test("there is nothing to verify in a folder without a list, in no folder, in a file", async () => {
  await add("notes.txt");
  for (const path of [folder, join(folder, "nowhere"), join(folder, "notes.txt")]) {
    await expect(verifyFolder(path)).rejects.toMatchObject({ code: "results/not-found", details: { path } });
  }
});
