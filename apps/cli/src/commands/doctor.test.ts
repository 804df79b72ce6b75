import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { contentOf, temporaryFolder } from "../fixtures/folder.ts";
import { lethe } from "../fixtures/run.ts";
import { goldenCases, goldenError, quantities } from "./doctor/golden.ts";
import { checkDisk } from "./doctor/machine.ts";

describe("doctor", () => {
  it("finds this machine in order, and leaves nothing behind", async () => {
    const cwd = await temporaryFolder();
    const { exitCode, stdout } = await lethe(["doctor", "--backend", "cpu", "--json"], { cwd });
    expect(exitCode).toBe(0);
    const { result } = JSON.parse(stdout) as {
      result: {
        checks: { name: string; verdict: string }[];
        speeds: { name: string; value: number; unit: string }[];
        considered: { name: string; available: boolean; remedy: string }[];
        advice: string[];
      };
    };
    expect(result.checks.map(({ name }) => name)).toEqual(["node", "cores", "memory", "backend", "forward", "gradient", "Hv", "disk"]);
    expect(result.checks.filter(({ verdict }) => verdict === "broken")).toEqual([]);
    expect(result.speeds.map(({ name, unit }) => `${name}: ${unit}`)).toEqual([
      "matrix product: GFLOP/s",
      "convolution: GFLOP/s",
      "its gradients: GFLOP/s",
    ]);
    for (const { value } of result.speeds) expect(value).toBeGreaterThan(0);
    expect(result.advice.some((sentence) => sentence.startsWith("tensorflow: Install @tensorflow/tfjs-node-gpu"))).toBe(true);
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

  it("would notice a wrong output, gradient or Hessian product", async () => {
    await tf.setBackend("cpu");
    for (const golden of goldenCases()) {
      for (const quantity of quantities) {
        expect(await goldenError(golden, quantity)).toBeLessThan(1e-6);
        const wrong = { ...golden, computed: () => tf.tidy(() => tf.mul(golden.computed(quantity), 1.01)) };
        expect(await goldenError(wrong, quantity)).toBeGreaterThan(1e-3);
        const nothing = { ...golden, computed: () => tf.tidy(() => tf.mul(golden.computed(quantity), NaN)) };
        expect(await goldenError(nothing, quantity)).toBe(Infinity);
      }
    }
  });
});
