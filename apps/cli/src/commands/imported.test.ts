import { loadData } from "@lethe/bench";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { loadModel, modelFolder } from "@lethe/core/files";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";

/** A network defined, trained and saved by plain TensorFlow.js, as if Lethe did not exist. */
async function trainElsewhere(folder: string): Promise<void> {
  await tf.setBackend("cpu");
  const network = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [64], units: 24, activation: "tanh", kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      tf.layers.dropout({ rate: 0.1, seed: 3 }),
      tf.layers.dense({ units: 10, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  const { train } = await loadData({ train: "digits" });
  const { inputs, labels } = await train.read(Array.from({ length: train.size }, (_, index) => index));
  const x = tf.tensor2d(inputs.values as Float32Array, [train.size, 64]);
  const y = tf.oneHot(tf.tensor1d(labels, "int32"), 10);
  network.compile({ optimizer: tf.train.adam(0.01), loss: "categoricalCrossentropy" });
  await network.fit(x, y, { epochs: 5, batchSize: 64, shuffle: false, verbose: 0 });
  await network.save(modelFolder(folder));
  tf.dispose([x, y]);
  network.dispose();
}

describe("a model trained elsewhere", () => {
  let cwd: string;
  const cpu = ["--backend", "cpu"];
  const run = async (...words: string[]) => {
    const { exitCode, stdout } = await lethe([...words, ...cpu, "--json"], { cwd });
    return { exitCode, ...(JSON.parse(stdout) as { result: Record<string, unknown>; error: { code: string } }) };
  };

  beforeAll(async () => {
    cwd = await temporaryFolder();
    await trainElsewhere(join(cwd, "theirs"));
    await writeFile(
      join(cwd, "recipe.json"),
      JSON.stringify({ seed: 0, epochs: 3, batchSize: 64, optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 0.01 } }),
    );
  });

  it("goes through unlearn, and the result loads in its place", async () => {
    const before = await contentOf(join(cwd, "theirs"));
    const { exitCode, result } = await run("unlearn", "theirs", "--data", "digits", "--method", "ssd", "--forget", "class=7", "--out", "ours");
    expect(exitCode).toBe(0);
    const accuracy = result["accuracy"] as { before: { forget: number }; after: { forget: number } };
    expect(accuracy.before.forget).toBeGreaterThan(0.9);
    expect(accuracy.after.forget).toBeLessThan(accuracy.before.forget - 0.25);
    expect(await contentOf(join(cwd, "theirs"))).toEqual(before);

    const [theirs, ours] = await Promise.all([loadModel(join(cwd, "theirs")), loadModel(join(cwd, "ours"))]);
    expect(ours.getConfig()).toEqual(theirs.getConfig());
    theirs.dispose();
    ours.dispose();
  });

  it("is prepared into a file of the user's choice, never into its own folder", async () => {
    expect(await run("prepare", "theirs", "--data", "digits", "--method", "ssd")).toMatchObject({
      exitCode: 2,
      error: { code: "cli/missing-option" },
    });
    expect(await run("prepare", "theirs", "--data", "digits", "--method", "ssd", "--out", "theirs.safetensors")).toMatchObject({ exitCode: 0 });
    const words = [
      "unlearn",
      "theirs",
      "--data",
      "digits",
      "--method",
      "ssd",
      "--forget",
      "random=10",
      "--artifact",
      "theirs.safetensors",
      "--out",
      "prepared",
    ];
    expect(await run(...words)).toMatchObject({ exitCode: 0, result: { artifact: "earlier", preparation: null } });
  });

  it("needs a recipe wherever something is trained again", async () => {
    const retrain = ["unlearn", "theirs", "--data", "digits", "--method", "retrain", "--forget", "class=7", "--out", "retrained"];
    expect(await run(...retrain)).toMatchObject({ exitCode: 3, error: { code: "method/needs-recipe" } });
    expect(await run(...retrain, "--recipe", "recipe.json")).toMatchObject({ exitCode: 0, result: { status: "completed" } });
    expect(await run("evaluate", "ours")).toMatchObject({ exitCode: 3, error: { code: "method/needs-recipe" } });
    const evaluated = await run("evaluate", "ours", "--recipe", "recipe.json", "--oracles", "2");
    expect(evaluated).toMatchObject({
      exitCode: 0,
      result: { original: join(cwd, "theirs"), evaluation: { forgottenClasses: [7], oracleCount: 2 } },
    });
    expect(await run("evaluate", "retrained", "--oracles", "1")).toMatchObject({ exitCode: 0 });
  });
});
