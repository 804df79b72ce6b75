import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import { gradientCases, gradientError } from "./doctor/gradients.ts";
import { checkDisk } from "./doctor/machine.ts";

describe("doctor", () => {
  it("finds this machine in order, and leaves nothing behind", async () => {
    const cwd = await temporaryFolder();
    const { exitCode, stdout } = await lethe(["doctor", "--backend", "cpu", "--json"], { cwd });
    expect(exitCode).toBe(0);
    const { result } = JSON.parse(stdout) as {
      result: { checks: { name: string; verdict: string; figures?: { gigaflops?: number } }[]; considered: { name: string; available: boolean }[] };
    };
    expect(result.checks.map(({ name }) => name)).toEqual(["node", "cores", "memory", "backend", "gradients", "gradients", "speed", "disk"]);
    expect(result.checks.filter(({ verdict }) => verdict === "broken")).toEqual([]);
    expect(result.checks.find(({ name }) => name === "speed")?.figures?.gigaflops).toBeGreaterThan(0.01);
    expect(result.considered.find(({ name }) => name === "cpu")?.available).toBe(true);
    expect(await contentOf(cwd)).toEqual({});
    expect(tf.memory().numTensors).toBe(0);
  });

  it("ends with 4 where the backend asked for is missing, and goes on to check the rest", async () => {
    const { exitCode, stdout } = await lethe(["doctor", "--backend", "tensorflow"], { cwd: await temporaryFolder() });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^✗ backend +The tensorflow backend is not available/m);
    expect(stdout).toMatch(/^✓ disk /m);
    expect(stdout).toMatch(/1 essential thing is broken\.$/m);
  });

  it("sees a folder that cannot be written", async () => {
    const folder = join(await temporaryFolder(), "locked");
    await mkdir(folder);
    await chmod(folder, 0o500);
    // Root may write anywhere: a place below a file is closed to everybody.
    const place = process.getuid?.() === 0 ? "/proc/version/x" : folder;
    expect(await checkDisk(place)).toMatchObject({ name: "disk", verdict: "broken" });
  });

  it("would notice a wrong gradient", async () => {
    await tf.setBackend("cpu");
    for (const gradientCase of gradientCases()) {
      expect(await gradientError(gradientCase)).toBeLessThan(1e-6);
      const wrong = { ...gradientCase, computed: () => tf.tidy(() => tf.mul(gradientCase.computed(), 1.01)) };
      expect(await gradientError(wrong)).toBeGreaterThan(1e-3);
    }
  });
});
