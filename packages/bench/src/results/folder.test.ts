import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { exampleResults } from "../fixtures/results/example-results.ts";
import { finishResults, loadResults, readManifest, readResult, saveResult } from "./folder.ts";

const results = exampleResults();
const plain = JSON.parse(JSON.stringify(results)) as typeof results;
const encode = (text: string) => new TextEncoder().encode(text);

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), "results");
});

describe("a finished folder", () => {
  test("gives back what was written, in the same order", async () => {
    await finishResults(folder, results, { "table.csv": encode("a,b\n") });
    expect(await loadResults(folder)).toEqual(plain);
    expect(await readFile(join(folder, "table.csv"), "utf8")).toBe("a,b\n");
  });

  test("has a file of its own for every result, all in the manifest", async () => {
    await finishResults(folder, results, {});
    const files = await readdir(join(folder, "runs"));
    expect(files.length).toBe(results.runs.length);
    const listed = Object.keys((await readManifest(folder)).files);
    expect(
      listed
        .filter((path) => path.startsWith("runs/"))
        .map((path) => path.slice(5))
        .toSorted(),
    ).toEqual(files.toSorted());
    expect(
      await readResult(
        join(
          folder,
          listed.find((path) => path.startsWith("runs/"))!,
        ),
      ),
    ).toEqual(plain.runs[0]);
  });

  test("is unfinished again when another run writes into it", async () => {
    await finishResults(folder, results, {});
    await saveResult(folder, results.runs[0]);
    await expect(loadResults(folder)).rejects.toMatchObject({ code: "results/not-found" });
  });

  test("loses the results that the experiment no longer has", async () => {
    await finishResults(folder, results, {});
    await finishResults(folder, { ...results, runs: results.runs.slice(0, 2), audits: [] }, {});
    expect((await readdir(join(folder, "runs"))).length).toBe(2);
    expect(await readdir(join(folder, "audits"))).toEqual([]);
  });

  test("in which a number was changed is refused", async () => {
    await finishResults(folder, results, {});
    const [file] = await readdir(join(folder, "runs"));
    const path = join(folder, "runs", file);
    await writeFile(path, (await readFile(path, "utf8")).replace(/"seed": \d+/, '"seed": 99'));
    await expect(loadResults(folder)).rejects.toMatchObject({ code: "file/checksum", details: { path } });
  });
});

test("an unfinished folder, no folder and another file are told apart from results", async () => {
  await saveResult(folder, results.runs[0]);
  await expect(loadResults(folder)).rejects.toMatchObject({ code: "results/not-found" });
  await expect(loadResults(join(folder, "nowhere"))).rejects.toMatchObject({ code: "results/not-found" });
  await writeFile(join(folder, "manifest.json"), '{"format": "lethe/results", "version": 2}');
  await expect(loadResults(folder)).rejects.toMatchObject({ code: "results/bad-file" });
  await expect(readResult(join(folder, "manifest.json"))).rejects.toMatchObject({ code: "results/bad-file" });
});
