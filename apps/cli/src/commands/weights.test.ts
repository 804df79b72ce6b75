import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { decodeSafetensors, encodeSafetensors } from "@lethe/core";
import { loadModel, saveModel } from "@lethe/core/files";
import { mlp } from "@lethe/models";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";

let cwd: string;
const run = async (...words: string[]) => {
  const { exitCode, stdout } = await lethe(["weights", ...words, "--json"], { cwd });
  return { exitCode, ...(JSON.parse(stdout) as { result: Record<string, unknown>; error: { code: string; message: string } }) };
};

beforeAll(async () => {
  cwd = await temporaryFolder();
  await tf.setBackend("cpu");
  await saveModel(mlp({ inputShape: [2, 2, 3], classes: 4 }), join(cwd, "mine"));
});

const imported = ["--model", "mlp", "--shape", "2x2x3", "--classes", "4"];

describe("lethe weights", () => {
  it("exports a model and imports it again, number by number", async () => {
    const { exitCode, result } = await run("export", "mine", "--model", "mlp", "--out", "mine.safetensors");
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({ file: "mine.safetensors", architecture: "mlp", names: "pytorch" });
    const { tensors } = decodeSafetensors(await readFile(join(cwd, "mine.safetensors")));
    expect(tensors["fc1.weight"].shape).toEqual([64, 12]);

    const back = await run("import", "mine.safetensors", ...imported, "--out", "back");
    expect(back).toMatchObject({ exitCode: 0, result: { model: "back", parameters: 12 * 64 + 64 + 64 * 4 + 4 } });
    const values = async (folder: string) => (await loadModel(join(cwd, folder))).getWeights().map((weight) => [...weight.dataSync()]);
    expect(await values("back")).toEqual(await values("mine"));
  });

  it("says all that does not fit, and writes nothing", async () => {
    await writeFile(join(cwd, "other.safetensors"), encodeSafetensors({ "fc1.weight": { shape: [1], values: Float32Array.of(1) } }));
    const { exitCode, error } = await run("import", "other.safetensors", ...imported, "--out", "none");
    expect([exitCode, error.code]).toEqual([3, "weights/mismatch"]);
    expect(error.message).toContain(
      "other.safetensors does not fit mlp with pytorch names: 3 missing (fc1.bias, fc2.weight, fc2.bias); 1 of another shape",
    );
    await expect(loadModel(join(cwd, "none"))).rejects.toMatchObject({ code: "model/not-found" });
  });

  it("replaces nothing unless told to", async () => {
    await mkdir(join(cwd, "taken"));
    await writeFile(join(cwd, "taken", "letter.txt"), "mine");
    const words = [...imported, "--out", "taken"];
    expect((await run("import", "mine.safetensors", ...words)).error.code).toBe("cli/output-exists");
    expect((await run("import", "mine.safetensors", ...words, "--overwrite")).error.code).toBe("cli/output-exists");
    await writeFile(join(cwd, "taken.safetensors"), "mine");
    const exported = ["export", "mine", "--model", "mlp", "--out", "taken.safetensors"];
    expect((await run(...exported)).error.code).toBe("cli/output-exists");
    expect((await run(...exported, "--overwrite")).exitCode).toBe(0);
  });

  it.each([
    ["an unknown action", "cli/unknown-action", ["imprt", "x", ...imported, "--out", "y"]],
    ["an architecture without names", "cli/bad-value", ["import", "x", "--model", "text-transformer", "--out", "y"]],
    ["no shape", "cli/missing-option", ["import", "x", "--model", "mlp", "--classes", "4", "--out", "y"]],
    ["no classes", "cli/missing-option", ["import", "x", "--model", "mlp", "--shape", "4", "--out", "y"]],
    ["a shape that is none", "cli/bad-value", ["import", "x", "--model", "mlp", "--shape", "2xx3", "--classes", "4", "--out", "y"]],
    ["a shape where the model has one", "cli/conflict", ["export", "mine", "--model", "mlp", "--shape", "4", "--out", "y"]],
  ])("refuses %s", async (_, code, words) => {
    const { exitCode, error } = await run(...words);
    expect([exitCode, error.code]).toEqual([2, code]);
  });

  it("names the file that is not there", async () => {
    const { exitCode, error } = await run("import", "gone.safetensors", ...imported, "--out", "y");
    expect([exitCode, error.code]).toEqual([3, "file/not-found"]);
  });
});
