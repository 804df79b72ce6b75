import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRandom } from "@lethe/core";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { writeIdx } from "../fixtures/idx.ts";
import { lethe } from "../fixtures/run.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await temporaryFolder();
});

const cpu = ["--backend", "cpu"];
const run = async (...words: string[]) => {
  const { exitCode, stdout } = await lethe([...words, "--json", ...cpu], { cwd });
  return { exitCode, ...(JSON.parse(stdout) as { result: Record<string, unknown>; error: { code: string } }) };
};
const write = (name: string, content: unknown) => writeFile(join(cwd, name), typeof content === "string" ? content : JSON.stringify(content));

describe("samples whose twins stay", () => {
  const stride = 36;
  const words = ["unlearn", "twins", "--method", "finetune", "--set", "epochs=1", "--forget", "ids.txt", ...cpu];

  beforeAll(async () => {
    const random = createRandom("twins");
    const rows = Array.from({ length: 40 }, () => Array.from({ length: stride }, () => random.uniform()));
    // 30 is 3 again; 31 is 4 with a little noise.
    rows[30] = rows[3];
    rows[31] = rows[4].map((value) => value + 0.002 * random.normal());
    const held = Array.from({ length: 8 }, () => Array.from({ length: stride }, () => random.uniform()));
    held[5] = rows[6];
    await writeIdx(cwd, { name: "mine", shape: [40, 6, 6], labels: rows.map((_, i) => i % 2), values: rows.flat() });
    await writeIdx(cwd, { name: "held", shape: [8, 6, 6], labels: held.map((_, i) => i % 2), values: held.flat() });
    await write("ids.txt", [3, 4, 6, 9].map((i) => `train-mine-images-00000${i}\n`).join(""));
    const data = ["--data", "idx:mine-images,mine-labels", "--test", "idx:held-images,held-labels"];
    expect((await run("train", ...data, "--model", "mlp", "--epochs", "1", "--out", "twins")).exitCode).toBe(0);
  });

  it("are named before anything is forgotten, and again beside the result", async () => {
    const { exitCode, stderr, stdout } = await lethe(words, { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      "2 of the 4 samples to forget have twins that stay: train-mine-images-000003 = train-mine-images-000030, train-mine-images-000004 = train-mine-images-000031. " +
        "A forgotten sample whose twin stays cannot be forgotten.",
    );
    expect(stderr).toContain("1 of the 4 samples to forget has a twin in the test data: train-mine-images-000006 = test-held-images-000005.");
    expect(stdout).toMatch(/twins +2 samples with a twin that stays, 1 with one in the test data/);
    expect(stdout).toMatch(/^✓ finetune made twins forget 4 samples$/m);
  });

  it("stand in the JSON with their distances", async () => {
    const { result } = await run(...words.slice(0, -2), "--overwrite");
    const twins = result["twins"] as { retained: { distance: number }[] };
    expect(twins).toMatchObject({
      likeness: "pattern",
      threshold: 0.1,
      retained: [
        { id: "train-mine-images-000003", twin: "train-mine-images-000030", distance: 0 },
        { id: "train-mine-images-000004", twin: "train-mine-images-000031" },
      ],
      test: [{ id: "train-mine-images-000006", twin: "test-held-images-000005" }],
    });
    expect(twins.retained[1].distance).toBeGreaterThan(0);
    expect(twins.retained[1].distance).toBeLessThan(0.02);
  });

  it("are not looked for where nobody wants to know", async () => {
    const { result } = await run(...words.slice(0, -2), "--overwrite", "--skip-twins");
    expect(result["twins"]).toBeNull();
  });
});

describe("poisoned data with coarse classes", () => {
  beforeAll(async () => {
    await write("classes.json", { low: [0, 1, 2, 3, 4], high: [5, 6, 7, 8, 9] });
    await write("poison.json", { kind: "label-noise", count: 40, seed: 2 });
    const { result } = await run(
      "train",
      "--data",
      "digits",
      "--classes",
      "classes.json",
      "--poison",
      "poison.json",
      "--epochs",
      "2",
      "--out",
      "marked",
    );
    expect(result["data"]).toMatchObject({ classes: { low: [0, 1, 2, 3, 4] }, poison: { kind: "label-noise", count: 40, seed: 2 } });
  });

  it("forgets what was poisoned, and is judged by the original labels", async () => {
    const { exitCode, result } = await run("unlearn", "marked", "--method", "retrain", "--forget", "poisoned", "--out", "clean");
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ selection: { poisoned: 40 }, words: "40 poisoned samples" });
    const { result: judged } = await run("evaluate", "clean", "--oracles", "2");
    const { evaluation } = judged as { evaluation: { unlearned: { metrics: { name: string; value: number }[] } } };
    expect(evaluation.unlearned.metrics.find(({ name }) => name === "original-label-accuracy")!.value).toBeGreaterThan(0.6);
  });

  it("forgets one fine class, and says so", async () => {
    const words = ["unlearn", "marked", "--method", "finetune", "--set", "epochs=1", "--forget", "subclass=7", "--out", "no-seven", ...cpu];
    const { stdout } = await lethe(words, { cwd });
    expect(stdout).toMatch(/^✓ finetune made marked forget \d+ samples of the sub-class 7$/m);
  });

  it.each([
    [["unlearn", "marked", "--method", "finetune", "--forget", "where=town=Bonn"], 3, "forget/unknown-column"],
    [["unlearn", "marked", "--method", "finetune", "--forget", "class=low", "--classes", "classes.json"], 2, "cli/conflict"],
    [["train", "--data", "digits", "--poison", "classes.json", "--out", "x"], 3, "poison/bad-file"],
    [["train", "--data", "digits", "--classes", "poison.json", "--out", "x"], 3, "data/bad-classes"],
  ])("refuses %j", async (words, exitCode, code) => {
    expect(await run(...words)).toMatchObject({ exitCode, error: { code } });
  });
});
