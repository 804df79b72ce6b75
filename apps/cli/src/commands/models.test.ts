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

  it("is where an unknown architecture leads", async () => {
    const { stderr, exitCode } = await lethe(["train", "--data", "digits", "--model", "resnet9", "--out", "runs/none"]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("There is no model resnet9; there are mlp, purchase-mlp");
  });
});
