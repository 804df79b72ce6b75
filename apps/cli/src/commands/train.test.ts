import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import type { RunManifest } from "../runs/manifest.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await temporaryFolder();
  await writeFile(join(cwd, "digits.yaml"), "about: quick\ndata: digits\nmodel: mlp\nrecipe: { epochs: 1, batchSize: 256 }\n");
});

const run = async (...words: string[]) => {
  const { exitCode, stdout } = await lethe([...words, "--backend", "cpu", "--json"], { cwd });
  return { exitCode, ...(JSON.parse(stdout) as { result: Readonly<Record<string, unknown>>; error: { code: string; message: string } }) };
};
const manifest = async (folder: string) => JSON.parse(await readFile(join(cwd, folder, "lethe.json"), "utf8")) as RunManifest;

describe("lethe train --recipe FILE.yaml", () => {
  it("takes data, model and recipe from the file, and the seed from the command line", async () => {
    expect(await run("train", "--recipe", "digits.yaml", "--seed", "3", "--out", "a")).toMatchObject({ exitCode: 0 });
    expect(await manifest("a")).toMatchObject({
      data: { train: "digits" },
      model: { builder: "mlp" },
      recipe: { seed: 3, epochs: 1, batchSize: 256 },
    });
  });

  it("trains another model on other data where that is said", async () => {
    await writeFile(join(cwd, "few.csv"), "a,b,label\n1,2,0\n3,4,1\n");
    expect(await run("train", "--recipe", "digits.yaml", "--data", "csv:few.csv", "--model", "purchase-mlp", "--out", "b")).toMatchObject({
      exitCode: 0,
    });
    const { data, model, recipe } = await manifest("b");
    expect([data.train, data.size, model, recipe?.epochs]).toEqual([`csv:${join(cwd, "few.csv")}`, 2, { builder: "purchase-mlp" }, 1]);
  });

  it("refuses what the file would not say, and what it should not", async () => {
    expect(await run("train", "--recipe", "digits.yaml", "--epochs", "2", "--out", "c")).toMatchObject({
      exitCode: 2,
      error: { code: "cli/conflict" },
    });
    await writeFile(join(cwd, "odd.yaml"), "data: digits\nmodel: mlp\nspeed: 3\n");
    expect(await run("train", "--recipe", "odd.yaml", "--out", "c")).toMatchObject({
      error: { code: "recipe/invalid", message: expect.stringMatching(/"speed"/) },
    });
  });
});

describe("texts", () => {
  it("are learnt by a model that has as many words as they have, which forgets some of them", async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0 ? `"Oil talks ${i % 3}","prices, again",news` : `"Goal ${i % 3}","a late goal",sport`,
    );
    await writeFile(join(cwd, "mails.csv"), ["subject,body,kind", ...rows].join("\n"));
    const words = ["--data", "text:mails.csv,label=kind,length=6", "--test", "text:mails.csv,label=kind"];
    const trained = await run("train", ...words, "--epochs", "20", "--rate", "0.05", "--out", "mails");
    // 3 numbers, oil, talks, prices, again, goal, a, late; padding and unknown.
    expect(trained).toMatchObject({ exitCode: 0, result: { model: { builder: "text-mean" }, parameters: 12 * 64 + 65 * 2, accuracy: { test: 1 } } });
    expect(await run("unlearn", "mails", "--method", "retrain", "--forget", "random=4", "--out", "without")).toMatchObject({ exitCode: 0 });
    expect((await manifest("without")).forgotten).toHaveLength(4);
  });
});
