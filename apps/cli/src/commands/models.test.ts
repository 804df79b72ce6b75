import { modelBuilders } from "@lethe/models";
import { describe, expect, it } from "vitest";
import { lethe } from "../fixtures/run.ts";

describe("lethe models", () => {
  it("lists every architecture with its usual training", async () => {
    const { stdout, exitCode } = await lethe(["models"]);
    expect(exitCode).toBe(0);
    for (const { id, title } of modelBuilders) expect(stdout).toMatch(new RegExp(`^${id} +${title.replaceAll(/[()]/g, ".")}`, "m"));
  });

  it("gives them as data", async () => {
    const { stdout } = await lethe(["models", "--json"]);
    const { models } = (JSON.parse(stdout) as { result: { models: { id: string; recipe: { epochs: number } }[] } }).result;
    expect(models.map(({ id }) => id)).toEqual(modelBuilders.map(({ id }) => id));
    expect(models.every(({ recipe }) => recipe.epochs > 0)).toBe(true);
  });

  it("shows one with its training and the files whose weights fit it", async () => {
    const { stdout, exitCode } = await lethe(["models", "resnet18"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^resnet18 {2}ResNet-18 for small colour images$/m);
    expect(stdout).toMatch(/takes +images$/m);
    expect(stdout).toMatch(
      /training +60 epochs, 128 samples a step\n +sgd: momentum 0\.9, weightDecay 0\.0005\n +schedule cosine: rate 0\.1, warmUp 1\n/,
    );
    expect(stdout).toMatch(/augmentation: crop 4, flip 0\.5$/m);
    expect(stdout).toMatch(/weights +with the names of torchvision/);
    expect((await lethe(["models", "text-transformer"])).stdout).toMatch(/weights +no names in other libraries/);
    const { result } = JSON.parse((await lethe(["models", "mlp", "--json"])).stdout) as { result: object };
    expect(result).toMatchObject({ id: "mlp", takes: "numbers", recipe: { epochs: 20, batchSize: 32 } });
  });

  it("refuses an architecture that there is not", async () => {
    const { stderr, exitCode } = await lethe(["models", "resnet9"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("There is no model resnet9; there are mlp, purchase-mlp");
  });

  it("is where an unknown architecture leads", async () => {
    const { stderr, exitCode } = await lethe(["train", "--data", "digits", "--model", "resnet9", "--out", "runs/none"]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("There is no model resnet9; there are mlp, purchase-mlp");
  });
});
